import { CodeField, Decimal, DeviceId, Flag, IdField, Json, OneOf, PageQuery, Part, Recording, Text, Whole } from '@opora/service';
import { severities } from './domain/need-evidence.js';
import { needCodes } from './domain/need-titles.js';
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

class Words {
  @Text(2000) en!: string;
  @Text(2000) ru!: string;
}

const kinds = ['agreed', 'calculated', 'none'] as const;

class InterpretationOfScore {
  @OneOf(kinds, { description: 'agreed: by the agency; calculated: the questionnaire itself says so; none: nobody has agreed on one' }) kind!: (typeof kinds)[number];
  @Part(() => Words) text!: Words;
  @CodeField({ optional: true }) code?: string;
  @Text(1000, { optional: true }) source?: string;
  @IdField({ optional: true }) interpretationId?: string;
  @Whole(1, 1_000_000, { optional: true }) interpretationVersion?: number;
}

export class CalculatedView {
  @Text(300) linkId!: string;
  @Text(300, { description: 'To the answer within the response' }) pointer!: string;
  @Json({ description: 'The value as FHIR has it, such as {"valueCoding": {…}}', example: { valueString: 'low' } }) value!: object;
  @Part(() => InterpretationOfScore) interpretation!: InterpretationOfScore;
}

export class ScoreView {
  @Text(300, { nullable: true, description: 'null for the sum of all ordinals' }) linkId!: string | null;
  @Decimal() value!: number;
  @OneOf(['calculated', 'ordinal-sum']) kind!: string;
  @Text(10_000, { description: 'The expression, or the sum' }) explanation!: string;
  @Part(() => InterpretationOfScore) interpretation!: InterpretationOfScore;
}

export class NotScored {
  @Text(300, { optional: true }) linkId?: string;
  @CodeField() reason!: string;
}

export class RuleOutcome {
  @IdField() ruleId!: string;
  @Whole(1, 1_000_000) ruleVersion!: number;
  @OneOf(['met', 'not-met', 'not-told']) outcome!: string;
  @CodeField({ optional: true, description: 'Why it could not be told; a person should look' }) reason?: string;
}

class ReasonOfChange {
  @IdField() ruleId!: string;
  @Whole(1, 1_000_000) ruleVersion!: number;
  @OneOf(['met', 'not-met', 'not-told', 'no-rule']) was!: string;
  @OneOf(['met', 'not-met', 'not-told', 'no-rule']) is!: string;
  @Text(300, { list: true, maxItems: 5000, description: 'linkIds of the questions that the rule read' }) answers!: string[];
}

class NeedChangeView {
  @IdField() needId!: string;
  @OneOf(needCodes) needCode!: string;
  @OneOf(['found', 'evidence-added', 'evidence-withdrawn', 'evidence-changed', 'withdrawn', 'flagged']) change!: string;
  @Part(() => ReasonOfChange, { list: true }) because!: ReasonOfChange[];
}

export class ScreeningView {
  @IdField() id!: string;
  @IdField() clientId!: string;
  @IdField() instrumentId!: string;
  @Whole(1, 1_000_000) instrumentVersion!: number;
  @OneOf(statuses) status!: Screening['status'];
  @Part(() => ScoreView, { list: true }) scores!: ScoreView[];
  @Part(() => CalculatedView, { list: true, description: 'Every calculated value; codings and texts are interpretations themselves' }) calculated!: CalculatedView[];
  @Part(() => NotScored, { list: true, description: 'Calculated items without a value' }) notComputed!: NotScored[];
  @Text(300, { list: true, description: 'Pointers to answers from value sets that the questionnaire does not carry' }) notVerified!: string[];
  @Part(() => RuleOutcome, { list: true }) rules!: RuleOutcome[];
  @IdField({ list: true, description: 'Needs that this screening found, or found again' }) needs!: string[];
  @Part(() => NeedChangeView, { list: true, description: 'What the last amendment changed, and why' }) changes!: NeedChangeView[];
  @OneOf(channels, { optional: true }) channel?: Channel;
}

class SaidView {
  @Text(300) linkId!: string;
  @Part(() => Words) question!: Words;
  @Part(() => Words, { list: true, description: 'Empty when the question was not answered' }) answers!: Words[];
}

class ReadScoreView {
  @Text(300) linkId!: string;
  @Part(() => Words) text!: Words;
  @Decimal() value!: number;
  @Part(() => Words) interpretation!: Words;
}

class GroundView {
  @IdField() ruleId!: string;
  @Whole(1, 1_000_000) ruleVersion!: number;
  @Text(2000) condition!: string;
  @OneOf(['met', 'not-met', 'not-told', 'no-rule']) outcome!: string;
  @CodeField({ optional: true, description: 'Why it could not be told, or no longer stands' }) reason?: string;
  @Flag() stands!: boolean;
  @OneOf(severities) severity!: string;
  @Part(() => Words) explanation!: Words;
  @Part(() => SaidView, { list: true }) answers!: SaidView[];
  @Part(() => ReadScoreView, { list: true }) scores!: ReadScoreView[];
  @Part(() => Words, { description: 'All of it in a few sentences' }) inWords!: Words;
}

class WhyNeedView {
  @IdField() needId!: string;
  @OneOf(needCodes) needCode!: string;
  @Part(() => Words) title!: Words;
  @CodeField() status!: string;
  @Part(() => GroundView, { list: true }) grounds!: GroundView[];
}

export class WhyView {
  @IdField() screeningId!: string;
  @IdField() instrumentId!: string;
  @Whole(1, 1_000_000) instrumentVersion!: number;
  @Part(() => WhyNeedView, { list: true }) needs!: WhyNeedView[];
}
