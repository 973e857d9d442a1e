import { Urgency } from '@opora/contracts';
import { CodeField, DayField, IdField, OneOf, Part, Recording, RefPart, StaffField, Text, Whole } from '@opora/service';
import { actions, goals, notNowReasons, type ActionTitle, type GoalTitle } from './domain/titles.js';
import { OfferPart } from './values.dto.js';

export const urgencies = Urgency.enum as string[];

export class LevelPart {
  @Whole(-2, 2, { description: 'Goal Attainment Scaling: −2 much less than hoped … 0 as hoped … +2 much more' }) level!: number;
  @Text(500) text!: string;
}

export class PlanActionPart {
  @OneOf(actions.codes) title!: ActionTitle;
  @DayField({ optional: true }) due?: string;
  @StaffField({ optional: true }) responsible?: string;
}

export class AddGoal extends Recording {
  @Part(() => RefPart, { list: true, maxItems: 20, description: 'Confirmed needs that the goal serves' })
  needs!: RefPart[];

  @OneOf(goals.codes, { optional: true, description: 'What the plan calls it; `personal-goal` unless said' })
  title?: GoalTitle;

  @Text(2000, { description: 'What the person wants in the long run, in the person’s own words' })
  ownAim!: string;

  @Part(() => LevelPart, { list: true, optional: true, maxItems: 5 })
  levels?: LevelPart[];

  @Whole(1, 10, { optional: true, description: 'How much it counts beside the other goals; 1 unless said' })
  weight?: number;

  @Part(() => PlanActionPart, { list: true, optional: true, maxItems: 20 })
  actions?: PlanActionPart[];
}

export class PutOffNeed extends Recording {
  @Part(() => RefPart)
  need!: RefPart;

  @OneOf(notNowReasons)
  reason!: string;
}

export class ChooseOffer extends Recording {
  @Part(() => RefPart, { list: true, maxItems: 20, description: 'Confirmed needs that the offer serves' })
  needs!: RefPart[];

  @CodeField({ description: 'The module that makes the offer' })
  module!: string;

  @CodeField()
  offer!: string;

  @IdField({ list: true, optional: true })
  goalIds?: string[];

  @OneOf(urgencies, { description: 'Days that the module has to answer: emergency 1, urgent 3, routine 7' })
  urgency!: Urgency;

  @Part(() => OfferPart, { list: true, optional: true, maxItems: 10, description: 'What may be asked instead, in this order, if the module says no and the client agreed' })
  alternatives?: OfferPart[];

  @IdField({ optional: true, description: 'The recommendation that it follows' })
  recommendationId?: string;
}

export class SetReviewDate extends Recording {
  @DayField()
  reviewOn!: string;
}

export class NameResponsible extends Recording {
  @StaffField({ description: 'The `sub` of the staff member who answers for the plan' })
  responsible!: string;
}
