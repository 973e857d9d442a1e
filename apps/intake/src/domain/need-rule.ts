import type { DataOf, NeedCode, needRuleEnteredInError, needRuleRetired, needRuleRevised, needRuleWritten, Severity, Titles } from '@opora/contracts';
import { absent, DomainError, wrongStatus, type Fact, type Instant, type Trouble } from '@opora/domain';

/** What a rule says. `condition`: FHIRPath over the response, see `evaluateCondition`. */
export interface RuleText {
  readonly condition: string;
  readonly need: NeedCode;
  readonly severity: Severity;
  readonly explanation: Titles;
}

/** From answers to one instrument to a need. Its versions are all kept: each found need names the one that found it. */
export interface NeedRule {
  readonly ruleId: string;
  readonly instrumentId: string;
  readonly agency: string;
  readonly status: 'active' | 'retired' | 'entered-in-error';
  /** Oldest first; the index is the version less one. */
  readonly versions: readonly (RuleText & { readonly at: Instant })[];
}

export type NeedRuleFact =
  | Fact<'intake.need-rule-written', DataOf<typeof needRuleWritten>, Pick<NeedRule, 'ruleId' | 'instrumentId' | 'agency'> & { text: RuleText }>
  | Fact<'intake.need-rule-revised', DataOf<typeof needRuleRevised>, { text: RuleText }>
  | Fact<'intake.need-rule-retired', DataOf<typeof needRuleRetired>>
  | Fact<'intake.need-rule-entered-in-error', DataOf<typeof needRuleEnteredInError>>;

const mustExist = (rule: NeedRule | undefined): NeedRule => {
  if (!rule || rule.status === 'entered-in-error') throw absent('need rule');
  return rule;
};

const mustBeActive = (rule: NeedRule | undefined): NeedRule => {
  const known = mustExist(rule);
  if (known.status !== 'active') throw wrongStatus('need rule', known.status, 'active');
  return known;
};

const about = ({ ruleId, instrumentId, versions }: NeedRule, at: Instant) => ({ ruleId, instrumentId, ruleVersion: versions.length, at });

/** Refuses a condition that the engine has trouble with: it is not FHIRPath, or names items which the questionnaire does not have. */
const checked = (text: RuleText, troubles: readonly Trouble[]): RuleText => {
  if (troubles.length === 0) return text;
  throw new DomainError('invalid', 'condition-invalid', 'The condition cannot be used', troubles.map(({ code, detail }) => ({ pointer: '/condition', code, detail })));
};

export const write = (
  rule: NeedRule | undefined, { troubles, text, at, ...ids }: Pick<NeedRule, 'ruleId' | 'instrumentId' | 'agency'> & { troubles: readonly Trouble[]; text: RuleText; at: Instant },
): NeedRuleFact[] => {
  if (rule) throw new DomainError('conflict', 'already-written', 'This rule is already here; write a new version of it');
  const { need, severity } = checked(text, troubles);
  const { ruleId, instrumentId } = ids;
  return [{ type: 'intake.need-rule-written', data: { ruleId, instrumentId, ruleVersion: 1, need, severity, at }, own: { ...ids, text } }];
};

export const revise = (rule: NeedRule | undefined, { troubles, text, at }: { troubles: readonly Trouble[]; text: RuleText; at: Instant }): NeedRuleFact[] => {
  const known = mustBeActive(rule);
  const { need, severity } = checked(text, troubles);
  return [{ type: 'intake.need-rule-revised', data: { ...about(known, at), ruleVersion: known.versions.length + 1, need, severity }, own: { text } }];
};

export const retire = (rule: NeedRule | undefined, { at }: { at: Instant }): NeedRuleFact[] =>
  [{ type: 'intake.need-rule-retired', data: about(mustBeActive(rule), at) }];

export const enterInError = (rule: NeedRule | undefined, { reason, at }: { reason: string; at: Instant }): NeedRuleFact[] =>
  [{ type: 'intake.need-rule-entered-in-error', data: { ...about(mustExist(rule), at), reason } }];

export const evolve = (rule: NeedRule | undefined, fact: NeedRuleFact): NeedRule => {
  if (fact.type === 'intake.need-rule-written') {
    const { text, ...ids } = fact.own!;
    return { ...ids, status: 'active', versions: [{ ...text, at: fact.data.at }] };
  }
  const known = rule!;
  switch (fact.type) {
    case 'intake.need-rule-revised': return { ...known, versions: [...known.versions, { ...fact.own!.text, at: fact.data.at }] };
    case 'intake.need-rule-retired': return { ...known, status: 'retired' };
    case 'intake.need-rule-entered-in-error': return { ...known, status: 'entered-in-error' };
    default: return fact satisfies never;
  }
};
