import type { Severity, Titles } from '@opora/contracts';
import type { Instant } from '@opora/domain';

interface Held {
  readonly severity: Severity;
  readonly at: Instant;
  /** Why it no longer stands. */
  readonly withdrawn?: string;
}

/** Found by a rule: in which answers, by which version of the rule. */
export interface Finding extends Held {
  readonly source: 'screening';
  readonly screeningId: string;
  readonly ruleId: string;
  readonly ruleVersion: number;
  /** linkIds of the questions that the rule read. */
  readonly answers: readonly string[];
  readonly explanation: Titles;
}

/** Named by a person, in their own words. */
export interface Statement extends Held {
  readonly source: 'practitioner' | 'client' | 'organisation';
  /** The `sub` of who recorded it. */
  readonly by: string;
  readonly reason: string;
}

export type Evidence = Finding | Statement;

/** All findings of one screening, or of one rule. */
export type Basis = { readonly screeningId: string } | { readonly ruleId: string };

export const restsOn = (basis: Basis) => (evidence: Evidence): evidence is Finding =>
  evidence.source === 'screening' && ('screeningId' in basis ? evidence.screeningId === basis.screeningId : evidence.ruleId === basis.ruleId);

export const stands = (evidence: Evidence): boolean => evidence.withdrawn === undefined;

/** The same rule over the same screening: the newer one takes the older one's place. */
export const replaces = (newer: Evidence) => (older: Evidence): boolean =>
  newer.source === 'screening' && older.source === 'screening' && newer.screeningId === older.screeningId && newer.ruleId === older.ruleId;

const says = ({ ruleVersion, severity, answers, withdrawn }: Finding): string => JSON.stringify([ruleVersion, severity, answers, withdrawn]);

export const isKnown = (finding: Finding, evidence: readonly Evidence[]): boolean =>
  evidence.some((older) => replaces(finding)(older) && says(older as Finding) === says(finding));

const gravity: Readonly<Record<Severity, number>> = { low: 0, moderate: 1, high: 2, critical: 3 };

/** The mildest first. */
export const severities = Object.keys(gravity) as Severity[];

/** The gravest of what stands: a milder finding never speaks over a graver one. Of all there was, when nothing stands any more. */
export const severityOf = (evidence: readonly Evidence[]): Severity => {
  const standing = evidence.filter(stands);
  return severities[Math.max(...(standing.length > 0 ? standing : evidence).map(({ severity }) => gravity[severity]))]!;
};

/** What may be heard of a piece of evidence. */
export const thin = (evidence: Evidence) => evidence.source === 'screening'
  ? { screeningId: evidence.screeningId, ruleId: evidence.ruleId, ruleVersion: evidence.ruleVersion } : {};
