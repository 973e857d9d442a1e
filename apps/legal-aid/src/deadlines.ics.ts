import ical, { ICalAlarmType, ICalCalendarMethod, ICalEventStatus } from 'ical-generator';
import { isOpen, type Deadline } from './domain/deadline.js';
import { doubtWords } from './domain/wording.js';

const words = {
  en: { calendar: 'Procedural deadlines', deadline: 'Procedural deadline', matter: 'Matter', unconfirmed: 'not confirmed yet' },
  ru: { calendar: 'Процессуальные сроки', deadline: 'Процессуальный срок', matter: 'Дело', unconfirmed: 'ещё не подтверждён' },
};

/** One matter's open deadlines as all-day events. Of the matter only its id: such files lie on telephones and other people's servers. */
export const deadlinesIcs = (matterId: string, deadlines: readonly Deadline[], language: 'en' | 'ru', now: string): string => {
  const say = words[language];
  const calendar = ical({ name: say.calendar, prodId: { company: 'Opora', product: 'Legal aid' }, method: ICalCalendarMethod.PUBLISH });
  for (const { deadlineId, day, status, notice, derivation } of deadlines.filter(isOpen)) {
    const notes = [`${say.matter} ${matterId}`, derivation?.article, ...(derivation?.doubts ?? []).map((doubt) => doubtWords[doubt][language]), status === 'computed' ? say.unconfirmed : undefined];
    calendar.createEvent({
      // Without the Z the day would depend on the machine's time zone.
      id: deadlineId, start: `${day}T00:00:00Z`, allDay: true, stamp: now,
      summary: derivation ? `${say.deadline}: ${derivation.title[language]}` : say.deadline, description: notes.filter((note) => note !== undefined).join('\n'),
      status: status === 'computed' ? ICalEventStatus.TENTATIVE : ICalEventStatus.CONFIRMED,
      alarms: notice.filter((days) => days > 0).map((days) => ({ type: ICalAlarmType.display, triggerBefore: days * 86_400 })),
    });
  }
  return calendar.toString();
};
