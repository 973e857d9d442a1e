import type { NeedCode, Severity } from '@opora/contracts';
import { AtField, CodeField, IdField, OneOf, PageQuery, Part, Recording, Text, Whole } from '@opora/service';
import { severities } from './domain/need-evidence.js';
import type { NeedRule } from './domain/need-rule.js';
import { needCodes } from './domain/need-titles.js';

const statuses: NeedRule['status'][] = ['active', 'retired', 'entered-in-error'];

class Explanation {
  @Text(500, { example: 'The person has no place to sleep.' }) en!: string;
  @Text(500, { example: 'Человеку негде ночевать.' }) ru!: string;
}

export class ReviseNeedRule extends Recording {
  /** Far above any condition seen in the field; the engine's own limit is higher. */
  @Text(2000, { description: 'FHIRPath over the response, with score(linkId) and answer(linkId)', example: "score('housing-score') >= 2" })
  condition!: string;

  @OneOf(needCodes)
  needCode!: NeedCode;

  @OneOf(severities)
  severity!: Severity;

  @Part(() => Explanation, { description: 'What a person reads as the reason of the need' })
  explanation!: Explanation;
}

export class WriteNeedRule extends ReviseNeedRule {
  @IdField()
  instrumentId!: string;
}

export class NeedRuleQuery extends PageQuery {
  @IdField({ optional: true })
  instrumentId?: string;

  @OneOf(statuses, { optional: true })
  status?: NeedRule['status'];
}

class NeedRuleVersion {
  @Whole(1, 1_000_000) ruleVersion!: number;
  @Text(2000) condition!: string;
  @OneOf(needCodes) needCode!: NeedCode;
  @OneOf(severities) severity!: Severity;
  @Part(() => Explanation) explanation!: Explanation;
  @AtField() at!: string;
}

export class NeedRuleView extends NeedRuleVersion {
  @IdField() id!: string;
  @IdField() instrumentId!: string;
  @CodeField() agency!: string;
  @OneOf(statuses) status!: NeedRule['status'];
  @Part(() => NeedRuleVersion, { list: true, description: 'Oldest first; the last one is in force' }) versions!: NeedRuleVersion[];
}
