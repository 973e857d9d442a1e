import { absent, DomainError, wrongStatus, type Day, type Instant } from '@opora/domain';
import { Temporal } from 'temporal-polyfill';
import { isOpen, nextLook, noticeAt, type Deadline, type DeadlineFact } from './deadline.js';
import type { TermQuestion } from './law-book.js';
import { localDay, type Derivation } from './legal-time.js';
import { about, deadlinesOf, must, type Matter } from './matter.js';

/** Taken on and not over: here deadlines are kept, approach and pass. */
const kept = ['accepted', 'active', 'awaiting-third-party'] as const;
const MOST = 100;

interface Named { readonly deadlineId: string; readonly at: Instant }

const found = (matter: Matter | undefined, deadlineId: string): { matter: Matter; deadline: Deadline } => {
  const known = must(matter, ...kept);
  const deadline = deadlinesOf(known).find((one) => one.deadlineId === deadlineId);
  if (!deadline) throw absent('deadline');
  return { matter: known, deadline };
};

const mustBe = (deadline: Deadline, allowed: boolean, needed: string): void => {
  if (!allowed) throw wrongStatus('deadline', deadline.status, needed);
};

/** `question` is asked again whenever a calendar changes; it pins the version of the rule. */
export const computeDeadline = (matter: Matter | undefined, input: Named & {
  question: TermQuestion; derivation: Derivation; responsible: string; notice: readonly number[];
}): DeadlineFact[] => {
  const known = must(matter, ...kept);
  const { at, ...own } = input;
  if (deadlinesOf(known).some(({ deadlineId }) => deadlineId === own.deadlineId)) throw new DomainError('conflict', 'already-recorded', 'There is a deadline under this id already');
  if (deadlinesOf(known).length >= MOST) throw new DomainError('conflict', 'too-many-deadlines', `A matter keeps at most ${MOST} deadlines`);
  const { day, endsAt, zone, provisional } = own.derivation;
  return [{ type: 'legal-aid.deadline-computed', data: { ...about(known, at), deadlineId: own.deadlineId, day, provisional }, own: { ...own, day, endsAt, zone } }];
};

/** Also names another person as responsible. */
export const confirmDeadline = (matter: Matter | undefined, { deadlineId, responsible, at }: Named & { responsible?: string | undefined }): DeadlineFact[] => {
  const { matter: known, deadline } = found(matter, deadlineId);
  mustBe(deadline, isOpen(deadline), 'computed, confirmed or extended');
  return [{ type: 'legal-aid.deadline-confirmed', data: { ...about(known, at), deadlineId, day: deadline.day }, own: { responsible: responsible ?? deadline.responsible } }];
};

/** What was done in time may be recorded late, even after the day was called missed. */
export const meetDeadline = (matter: Matter | undefined, { deadlineId, on, at, recordedAt }: Named & { on: Day; recordedAt: Instant }): DeadlineFact[] => {
  const { matter: known, deadline } = found(matter, deadlineId);
  mustBe(deadline, isOpen(deadline) || deadline.status === 'missed', 'open or missed');
  if (on > localDay(recordedAt, deadline.zone).toString()) throw new DomainError('invalid', 'in-the-future', 'What is recorded has already happened', [{ pointer: '/on', code: 'in-the-future', detail: 'must not be later than today' }]);
  if (on > deadline.day) throw new DomainError('conflict', 'after-the-deadline', 'That was after the last day; the term is missed and can only be restored', [{ pointer: '/on', code: 'after-the-deadline', detail: 'must not be after the last day' }]);
  return [{ type: 'legal-aid.deadline-met', data: { ...about(known, at), deadlineId, day: deadline.day, on } }];
};

/** Before its end a term is extended, after it restored: each only where the law lets it. A day that was set by hand has no law to ask. */
export const extendDeadline = (matter: Matter | undefined, { deadlineId, day, at }: Named & { day: Day }): DeadlineFact[] => {
  const { matter: known, deadline } = found(matter, deadlineId);
  mustBe(deadline, isOpen(deadline) || deadline.status === 'missed', 'open or missed');
  const { derivation, status, day: from } = deadline;
  const ground = status === 'missed' ? 'restored' : 'extended';
  if (derivation && ground === 'extended' && !derivation.extendable) throw new DomainError('conflict', 'not-extendable', 'The law sets this term: nobody may extend it; when it is missed it may be restored');
  if (derivation && ground === 'restored' && !derivation.restorable && !derivation.extendable) throw new DomainError('conflict', 'not-restorable', 'The law does not let this term be restored');
  if (day <= from) throw new DomainError('invalid', 'not-later', 'The new day must be later', [{ pointer: '/day', code: 'not-later', detail: 'must be after the present last day' }]);
  return [{ type: 'legal-aid.deadline-extended', data: { ...about(known, at), deadlineId, from, day, ground } }];
};

export const withdrawDeadline = (matter: Matter | undefined, { deadlineId, reason, at }: Named & { reason: string }): DeadlineFact[] => {
  const { matter: known, deadline } = found(matter, deadlineId);
  mustBe(deadline, deadline.status !== 'withdrawn', 'anything else');
  return [{ type: 'legal-aid.deadline-withdrawn', data: { ...about(known, at), deadlineId, day: deadline.day, reason } }];
};

/** Only the person responsible: it is they who rely on the day. */
export const acknowledgeMove = (matter: Matter | undefined, { deadlineId, by, at }: Named & { by: string }): DeadlineFact[] => {
  const { matter: known, deadline } = found(matter, deadlineId);
  if (deadline.movedFrom === undefined) throw new DomainError('conflict', 'not-moved', 'There is no move of this deadline that somebody has to acknowledge');
  if (by !== deadline.responsible) throw new DomainError('forbidden', 'not-responsible', 'Only the person responsible for the deadline can acknowledge that it moved');
  return [{ type: 'legal-aid.deadline-move-acknowledged', data: { ...about(known, at), deadlineId, day: deadline.day } }];
};

const isKept = (matter: Matter | undefined): matter is Matter => matter !== undefined && (kept as readonly string[]).includes(matter.status);

/** One term that new law makes impossible to reckon must not keep the others on their old days. */
const answered = (work: () => Derivation): Derivation | undefined => {
  try {
    return work();
  } catch (error) {
    if (error instanceof DomainError) return undefined;
    throw error;
  }
};

const doubted = (before: Derivation): Derivation =>
  ({ ...before, provisional: true, doubts: [...before.doubts.filter((doubt) => doubt !== 'no-longer-computed'), 'no-longer-computed'] });

const basis = ({ day, documents, doubts }: Derivation): string => JSON.stringify([day, documents, doubts]);

/**
 * Law that came later is asked again for every open term, and for those said missed: a later day undoes that. Where it gives no day any
 * more, the old one stays, doubted. What the court extended is the court's day.
 */
export const recomputeDeadlines = (matter: Matter | undefined, { answer, at }: { answer: (question: TermQuestion) => Derivation; at: Instant }): DeadlineFact[] => {
  if (!isKept(matter)) return [];
  return deadlinesOf(matter).flatMap((deadline): DeadlineFact[] => {
    const { deadlineId, day: from, question, derivation: before } = deadline;
    const missed = deadline.status === 'missed';
    if (!(isOpen(deadline) || missed) || deadline.ground || !question || !before) return [];
    const derivation = answered(() => answer(question)) ?? doubted(before);
    if (missed ? derivation.day <= from : basis(derivation) === basis(before)) return [];
    const { day, provisional } = derivation;
    const data = { ...about(matter, at), deadlineId, day, provisional };
    return [day === from ? { type: 'legal-aid.deadline-recomputed', data, own: { derivation } } : { type: 'legal-aid.deadline-moved', data: { ...data, from }, own: { derivation } }];
  });
};

/** What the passing of time makes of the deadlines: several notices due at once are said as one. Again at the same time: nothing. */
export const passTime = (matter: Matter | undefined, { at }: { at: Instant }): DeadlineFact[] => {
  if (!isKept(matter)) return [];
  return deadlinesOf(matter).filter(isOpen).flatMap((deadline): DeadlineFact[] => {
    const { deadlineId, day, endsAt, zone } = deadline;
    const data = { ...about(matter, at), deadlineId, day };
    if (at >= endsAt) return [{ type: 'legal-aid.deadline-missed', data }];
    const said = deadline.notice.filter((days) => !deadline.said.includes(days) && noticeAt(deadline, days) <= at);
    const daysLeft = localDay(at, zone).until(Temporal.PlainDate.from(day)).days;
    return said.length > 0 ? [{ type: 'legal-aid.deadline-approached', data: { ...data, daysLeft }, own: { said } }] : [];
  });
};

/** When time next makes something of the matter's deadlines. */
export const lookAt = (matter: Matter): Instant | null =>
  isKept(matter) ? deadlinesOf(matter).flatMap((deadline) => nextLook(deadline) ?? []).sort()[0] ?? null : null;
