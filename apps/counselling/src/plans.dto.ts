import { CodeField, DeviceId, Flag, IdField, OneOf, PageQuery, Part, Recording, Text } from '@opora/service';
import { outcomes, type PlanOutcome } from './domain/titles.js';
import { OfferPart } from './values.dto.js';

export class OpenPlan extends Recording {
  @DeviceId()
  id?: string;

  @IdField()
  clientId!: string;
}

export class ChoiceDecisionPart {
  @IdField()
  choiceId!: string;

  @Flag({ description: 'False: the offer stays in the version but is not asked' })
  agreed!: boolean;

  @Part(() => OfferPart, { list: true, optional: true, maxItems: 10, description: 'Alternatives that may be asked without asking again; all that the version names unless said' })
  alternatives?: OfferPart[];
}

export class DecideOnPlan extends Recording {
  @OneOf(['agree', 'disagree'])
  decision!: 'agree' | 'disagree';

  @Text(4000, { optional: true, description: 'What the client does not agree with, in the client’s words; kept beside the plan' })
  disagreement?: string;

  @Part(() => ChoiceDecisionPart, { list: true, optional: true, description: 'Where the client decides otherwise than for the version as a whole' })
  choices?: ChoiceDecisionPart[];
}

export class ClosePlan extends Recording {
  @OneOf(outcomes.codes)
  outcome!: PlanOutcome;
}

export class DismissProposal extends Recording {
  @CodeField({ example: 'discussed-with-client' })
  reason!: string;
}

export class PlanQuery extends PageQuery {
  @IdField({ optional: true })
  clientId?: string;

  @OneOf(['open', 'closed', 'entered-in-error'], { optional: true })
  status?: string;
}
