import type { PlanAction, PlanEntry } from '@opora/contracts';
import type { Instant } from '@opora/domain';
import { actionView, byTime, entryView, latest, whenOf } from './entry-view.js';
import { sectionStates, type EntryView, type Language, type NextView, type PlanDocument, type SectionView } from './plan-document.js';
import { askAction, openAsks, section, type KnownModule, type OpenAsk } from './sections.js';

/** What this reader may see of this person. */
export interface Policy {
  /** The reader is the person. */
  readonly own: boolean;
  readonly reads: (entry: PlanEntry) => boolean;
  /** Whether the person's data may still go to this agency as a referral. */
  readonly refers: (agency: string) => boolean;
}

export interface PlanQuestion {
  readonly clientId: string;
  readonly asOf?: Instant;
  /** One version per key: the newest, or the newest of that moment. Also those that the reader may not see. */
  readonly entries: readonly PlanEntry[];
  readonly modules: ReadonlyMap<string, KnownModule>;
  readonly policy: Policy;
  /** Whether we may have missed what the module said of late. */
  readonly isStale: (module: string) => boolean;
  readonly language: Language;
}

/**
 * Assembles one person's plan for one reader. Undefined when the reader may see nothing: then there is no such person.
 *
 * A module has a section when it has entries of the kinds referral or service, or when an entry in force asks it. Consent
 * works on both. An entry is seen by its own agency and by those with whom it is shared: once `coordination` is withdrawn,
 * the section is gone for everybody else. A request nobody has answered belongs to the entry that asks, and is seen by
 * whoever sees that; but staff see it only while `referral` to the asked agency holds. An answer that the reader may not
 * see replaces the request all the same: the plan must not fall back to `requested`. The person sees everything.
 */
export const assemble = (question: PlanQuestion): PlanDocument | undefined => {
  const { clientId, asOf, entries, modules, policy, isStale, language } = question;
  const readable = entries.filter(policy.reads).sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  if (readable.length === 0 && !policy.own) return undefined;

  const visible = new Set(readable.map(keyOf));
  const asks = openAsks(readable, new Set(entries.map(keyOf)), modules).filter(({ agency }) => policy.own || agency === undefined || policy.refers(agency));
  const gone = (module: string): boolean => {
    const leftAt = modules.get(module)?.leftAt;
    return leftAt !== undefined && (asOf === undefined || leftAt <= asOf);
  };
  // A module that left has said its last word: nothing of it can be missing.
  const stale = (module: string): boolean => modules.get(module)?.leftAt === undefined && isStale(module);
  const ofKind = (kind: PlanEntry['kind']): EntryView[] => readable.filter((entry) => entry.kind === kind).map((entry) => ({
    ...entryView(entry, language, visible), actions: entry.actions.map((action) => actionView(entry.entryId, action, language)).sort(byTime),
  }));

  const helping = readable.filter(({ kind }) => kind === 'referral' || kind === 'service');
  const sections = [...new Set([...helping, ...asks].map(({ module }) => module))].map((module): SectionView => section({
    module, entries: helping.filter((e) => e.module === module), asks: asks.filter((a) => a.module === module),
    known: modules.get(module), gone: gone(module), stale: stale(module), language, visible,
  })).sort((a, b) => sectionStates.indexOf(a.state) - sectionStates.indexOf(b.state) || (a.module < b.module ? -1 : 1));

  return {
    clientId, ...(asOf && { asOf }),
    plan: inForce(readable), needs: ofKind('need'), goals: ofKind('goal'),
    reviewOn: readable.filter(live).flatMap(({ reviewOn }) => reviewOn ?? []).sort()[0] ?? null,
    sections, next: next(readable, asks, gone, language),
    stale: [...readable, ...asks].some(({ module }) => stale(module)),
    changedAt: latest(readable.map(({ recordedAt }) => recordedAt)),
  };
};

const keyOf = ({ module, entryId }: PlanEntry): string => `${module}/${entryId}`;

const live = ({ phase }: PlanEntry): boolean => phase !== 'ended' && phase !== 'declined';

const phases: readonly PlanEntry['phase'][] = ['active', 'suspended', 'waiting', 'requested', 'proposed', 'declined', 'ended'];

/** Of several plans the active one, else the one nearest to it; among equals the one changed last. */
const inForce = (readable: readonly PlanEntry[]): PlanDocument['plan'] => {
  const [plan] = readable.filter(({ kind }) => kind === 'plan')
    .sort((a, b) => phases.indexOf(a.phase) - phases.indexOf(b.phase) || (a.recordedAt < b.recordedAt ? 1 : -1));
  return plan ? { entryId: plan.entryId, phase: plan.phase, reviewOn: plan.reviewOn ?? null } : null;
};

const next = (readable: readonly PlanEntry[], asks: readonly OpenAsk[], gone: (module: string) => boolean, language: Language): NextView[] => {
  const open = ({ status }: PlanAction): boolean => status === 'planned' || status === 'in-progress';
  return [
    ...readable.filter(live).flatMap(({ module, entryId, actions }) => actions.filter(open).map((action) => ({ module, ...actionView(entryId, action, language) }))),
    ...asks.map((ask) => ({ module: ask.module, ...actionView(ask.referralId, askAction(ask), language) })),
  ].filter((action) => whenOf(action) !== undefined && !gone(action.module)).sort(byTime);
};
