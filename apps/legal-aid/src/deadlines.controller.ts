import { Body, Controller, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow } from '@opora/access';
import { DomainError } from '@opora/domain';
import { Answers } from '@opora/service';
import { Temporal } from 'temporal-polyfill';
import { answerFrom, type TermQuestion } from './domain/law-book.js';
import { ComputeDeadline, DerivationView } from './deadlines.dto.js';
import { Law } from './law.store.js';

const knownZone = (zone: string): boolean => {
  try {
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone) !== undefined;
  } catch {
    return false;
  }
};

const refused = (pointer: string, code: string, message: string): DomainError => new DomainError('invalid', code, message, [{ pointer, code, detail: message }]);

export const mustKnowZone = (zone: string): void => {
  if (!knownZone(zone)) throw refused('/zone', 'zone-unknown', 'This is no time zone of the IANA list');
};

/** What a body asks, once its zone and its event are plain. */
export const questionOf = ({ eventDay, eventAt, ...question }: ComputeDeadline): TermQuestion => {
  mustKnowZone(question.zone);
  const event = eventDay !== undefined && eventAt === undefined ? { day: eventDay } : eventAt !== undefined && eventDay === undefined ? { at: eventAt } : undefined;
  if (!event) throw refused('/eventDay', 'event-day-or-instant', 'Give either the day or the instant of the event');
  return { ...question, event };
};

@ApiTags('deadlines')
@Controller('v1/legal-aid')
export class DeadlinesController {
  constructor(private readonly law: Law) {}

  /** Stores nothing: the last day of a term, with every step that leads to it, the articles and the days passed over. */
  @Allow('deadline.compute') @Post('deadlines::compute') @Answers(DerivationView)
  async computeDeadline(@Body() body: ComputeDeadline): Promise<object> {
    return answerFrom(await this.law.book(), questionOf(body));
  }
}
