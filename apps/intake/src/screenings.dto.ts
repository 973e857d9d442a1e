import { CodeField, Decimal, DeviceId, IdField, Json, OneOf, PageQuery, Part, Recording, Text, Whole } from '@opora/service';
import { channels, type Channel, type Screening } from './domain/screening.js';

const statuses: Screening['status'][] = ['planned', 'in-progress', 'completed', 'amended', 'entered-in-error'];
const response = 'A FHIR R4 QuestionnaireResponse; it may also be sent bare, as application/fhir+json';

export class PlanScreening extends Recording {
  @DeviceId()
  id?: string;

  @IdField()
  clientId!: string;

  @IdField({ description: 'A published instrument' })
  instrumentId!: string;
}

export class SendAnswers extends Recording {
  @Json({ description: response })
  response!: object;

  @OneOf(channels, { optional: true, description: 'How the answers came. Those on paper are recorded on behalf of the client; `occurredAt` says when they were written' })
  channel?: Channel;
}

export class CompleteScreening extends Recording {
  @Json({ optional: true, description: `${response}. Without it, the answers saved before are complete` })
  response?: object;

  @OneOf(channels, { optional: true, description: 'How the answers came. Those on paper are recorded on behalf of the client; `occurredAt` says when they were written' })
  channel?: Channel;
}

export class ScreeningQuery extends PageQuery {
  @IdField({ optional: true })
  clientId?: string;

  @OneOf(statuses, { optional: true })
  status?: Screening['status'];
}

class ScoreView {
  @Text(300, { nullable: true, description: 'null for the sum of all ordinals' }) linkId!: string | null;
  @Decimal() value!: number;
  @OneOf(['calculated', 'ordinal-sum']) kind!: string;
  @Text(10_000, { description: 'The expression, or the sum' }) explanation!: string;
}

class NotScored {
  @Text(300, { optional: true }) linkId?: string;
  @CodeField() reason!: string;
}

class RuleOutcome {
  @IdField() ruleId!: string;
  @Whole(1, 1_000_000) ruleVersion!: number;
  @OneOf(['met', 'not-met', 'not-told']) outcome!: string;
  @CodeField({ optional: true, description: 'Why it could not be told; a person should look' }) reason?: string;
}

export class ScreeningView {
  @IdField() id!: string;
  @IdField() clientId!: string;
  @IdField() instrumentId!: string;
  @Whole(1, 1_000_000) instrumentVersion!: number;
  @OneOf(statuses) status!: Screening['status'];
  @Part(() => ScoreView, { list: true }) scores!: ScoreView[];
  @Part(() => NotScored, { list: true, description: 'Calculated items without a value' }) notComputed!: NotScored[];
  @Text(300, { list: true, description: 'Pointers to answers from value sets that the questionnaire does not carry' }) notVerified!: string[];
  @Part(() => RuleOutcome, { list: true }) rules!: RuleOutcome[];
  @IdField({ list: true, description: 'Needs that this screening found, or found again' }) needs!: string[];
}
