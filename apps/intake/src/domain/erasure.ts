import type { DataOf, erasureRequested, intakeErasureAnswered, intakeErasureAsked, intakeErasureCompleted, intakeErasureRefused, Kept } from '@opora/contracts';
import { DomainError, wrongStatus, type Fact, type Instant } from '@opora/domain';

export interface Answer { readonly module: string; readonly at: Instant; readonly kept: readonly Kept[] }

/** How one person is erased, and the receipt of it. Nothing of the person but the id: who it was, nobody can tell afterwards. */
export interface Erasure {
  readonly status: 'asked' | 'refused' | 'running' | 'completed';
  readonly erasureId: string;
  readonly clientId: string;
  readonly agency: string;
  readonly reason: string;
  readonly askedBy: string;
  readonly askedAt: Instant;
  readonly confirmedBy?: string;
  readonly confirmedAt?: Instant;
  /** Records merged into the person's. */
  readonly aliases: readonly string[];
  /** Who has to answer: the modules there were when it was confirmed. */
  readonly modules: readonly string[];
  readonly answers: readonly Answer[];
  /** Modules that left without an answer. */
  readonly left: readonly string[];
  /** Keys of the person's plan entries, whose ever: they are said to be erased at the end, and once more later. */
  readonly entries?: readonly string[];
  readonly completedAt?: Instant;
}

export type ErasureFact =
  | Fact<'intake.erasure-asked', DataOf<typeof intakeErasureAsked>, { agency: string; by: string }>
  | Fact<'intake.erasure-refused', DataOf<typeof intakeErasureRefused>>
  | Fact<'opora.erasure.requested', DataOf<typeof erasureRequested>, { modules: readonly string[]; entries: readonly string[]; by: string; at: Instant }>
  | Fact<'intake.erasure-answered', DataOf<typeof intakeErasureAnswered>>
  | Fact<'intake.erasure-completed', DataOf<typeof intakeErasureCompleted>, { entries: readonly string[] }>;

interface By { readonly by: string; readonly at: Instant }

const must = (erasure: Erasure | undefined, status: Erasure['status']): Erasure => {
  if (erasure?.status !== status) throw wrongStatus('erasure', erasure?.status ?? 'unknown', status);
  return erasure;
};

export const ask = (_: Erasure | undefined, { erasureId, clientId, agency, reason, by, at }: By & { erasureId: string; clientId: string; agency: string; reason: string }): ErasureFact[] =>
  [{ type: 'intake.erasure-asked', data: { erasureId, clientId, reason, at }, own: { agency, by } }];

export const refuse = (erasure: Erasure | undefined, { reason, at }: { reason: string; at: Instant }): ErasureFact[] => {
  const { erasureId, clientId } = must(erasure, 'asked');
  return [{ type: 'intake.erasure-refused', data: { erasureId, clientId, reason, at } }];
};

/** From here on there is no way back. */
export const confirm = (erasure: Erasure | undefined, { by, at, aliases, modules, entries }: By & { [field in 'aliases' | 'modules' | 'entries']: readonly string[] }): ErasureFact[] => {
  const { erasureId, clientId, askedBy } = must(erasure, 'asked');
  if (by === askedBy) throw new DomainError('forbidden', 'second-person-needed', 'Somebody else than who asked for the erasure has to confirm it');
  return [{ type: 'opora.erasure.requested', data: { erasureId, clientId, aliases: [...aliases] }, own: { modules: [...modules].sort(), entries, by, at } }];
};

export const noteAnswer = (erasure: Erasure | undefined, { module, kept, at }: Answer): ErasureFact[] => {
  if (erasure?.status !== 'running' || !erasure.modules.includes(module) || erasure.answers.some((one) => one.module === module)) return [];
  const { erasureId, clientId } = erasure;
  return [{ type: 'intake.erasure-answered', data: { erasureId, clientId, module, kept: [...kept], at } }];
};

const silent = ({ modules, answers }: Erasure): string[] => modules.filter((module) => !answers.some((one) => one.module === module));

/** Once every module has answered. Who is no module any more is not waited for, and is named. */
export const complete = (erasure: Erasure | undefined, { present, entries, at }: { present: readonly string[]; entries: readonly string[]; at: Instant }): ErasureFact[] => {
  if (erasure?.status !== 'running') return [];
  const left = silent(erasure);
  if (left.some((module) => present.includes(module))) return [];
  const { erasureId, clientId } = erasure;
  return [{ type: 'intake.erasure-completed', data: { erasureId, clientId, left, at }, own: { entries: [...new Set([...erasure.entries ?? [], ...entries])] } }];
};

export const waitsFor = (erasure: Erasure): string[] => (erasure.status === 'running' ? silent(erasure) : []);

export const personsOf = ({ clientId, aliases }: Erasure): string[] => [clientId, ...aliases];

export const evolve = (erasure: Erasure | undefined, fact: ErasureFact): Erasure => {
  switch (fact.type) {
    case 'intake.erasure-asked': {
      const { data: { erasureId, clientId, reason, at }, own } = fact;
      return { status: 'asked', erasureId, clientId, reason, agency: own!.agency, askedBy: own!.by, askedAt: at, aliases: [], modules: [], answers: [], left: [] };
    }
    case 'intake.erasure-refused': return { ...erasure!, status: 'refused' };
    case 'opora.erasure.requested': return { ...erasure!, status: 'running', aliases: fact.data.aliases, modules: fact.own!.modules, entries: fact.own!.entries, confirmedBy: fact.own!.by, confirmedAt: fact.own!.at };
    case 'intake.erasure-answered': {
      const { module, kept, at } = fact.data;
      return { ...erasure!, answers: [...erasure!.answers, { module, kept, at }] };
    }
    case 'intake.erasure-completed': return { ...erasure!, status: 'completed', left: fact.data.left, entries: fact.own!.entries, completedAt: fact.data.at };
    default: return fact satisfies never;
  }
};
