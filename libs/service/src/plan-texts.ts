import { IdField, Part, Text, Whole } from './fields.js';

class EntryVersion {
  @IdField() entryId!: string;
  @Whole(1, 1_000_000) version!: number;
}

/** Body of `POST /v1/<module>/plan-texts`, as the contract has it. */
export class PlanTexts {
  @Part(() => EntryVersion, { list: true, maxItems: 200 })
  entries!: EntryVersion[];
}

class PlanText extends EntryVersion {
  @Text(4000) text!: string;
}

export class PlanTextsView {
  @Part(() => PlanText, { list: true })
  texts!: PlanText[];
}
