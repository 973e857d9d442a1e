import type { Coded, Offer, Phase, PlanAction, PlanEntry, Titles } from '@opora/contracts';
import type { Instant } from '@opora/domain';
import { actionView, byTime, entryView, latest, titled } from './entry-view.js';
import { sectionStates, type Language, type SectionState, type SectionView } from './plan-document.js';

/** What is remembered of a module, also after it left. */
export interface KnownModule {
  readonly titles: Titles;
  readonly offers: readonly Offer[];
  readonly leftAt?: Instant;
}

/** A request that its module has not answered. */
export interface OpenAsk {
  readonly module: string;
  readonly referralId: string;
  readonly respondBy: Instant;
  /** Whose offer it is; unknown when the module no longer lists it. */
  readonly agency?: string;
  readonly askedAt: Instant;
}

/** A referral that is only proposed waits for somebody's yes, just as a request does. */
const states: Record<Phase, SectionState> = {
  active: 'active', waiting: 'waiting', suspended: 'suspended', requested: 'requested', proposed: 'requested', declined: 'declined', ended: 'ended',
};

const left: Coded = { system: 'urn:opora:section-reason', code: 'module-left', en: 'This service is no longer offered here', ru: 'Эта служба здесь больше не работает' };

const awaited: Coded = { system: 'urn:opora:action', code: 'answer-referral', en: 'The request is answered', ru: 'Ответ на запрос' };

export const askAction = ({ referralId, respondBy }: OpenAsk): PlanAction => ({ id: referralId, title: awaited, due: respondBy, status: 'planned' });

/** Requests in entries that are still in force, until an entry `<module>/<referralId>` exists, whether or not the reader may see it. */
export const openAsks = (readable: readonly PlanEntry[], answered: ReadonlySet<string>, modules: ReadonlyMap<string, KnownModule>): OpenAsk[] =>
  readable.filter(({ phase }) => phase !== 'ended' && phase !== 'declined').flatMap(({ asks = [], recordedAt }) =>
    asks.filter((ask) => !answered.has(`${ask.module}/${ask.referralId}`)).map(({ module, offer, referralId, respondBy }) => {
      const agency = modules.get(module)?.offers.find(({ code }) => code === offer)?.agency;
      return { module, referralId, respondBy, askedAt: recordedAt, ...(agency && { agency }) };
    }));

export interface SectionInput {
  readonly module: string;
  /** Of the kinds referral and service. */
  readonly entries: readonly PlanEntry[];
  readonly asks: readonly OpenAsk[];
  readonly known?: KnownModule;
  readonly gone: boolean;
  readonly stale: boolean;
  readonly language: Language;
  readonly visible: ReadonlySet<string>;
}

/**
 * One module's part of the plan. Its state is the strongest of its entries: active, waiting, suspended, requested, declined,
 * ended, in this order; among equals the one changed last gives agency and reason. When the module left, all of it has ended.
 */
export const section = ({ module, entries, asks, known, gone, stale, language, visible }: SectionInput): SectionView => {
  const claims = [
    ...entries.map(({ phase, reason, agency, recordedAt }) => ({ state: states[phase], reason, agency, at: recordedAt })),
    ...asks.map(({ agency, askedAt }) => ({ state: 'requested' as const, reason: undefined, agency: agency ?? null, at: askedAt })),
  ].sort((a, b) => sectionStates.indexOf(a.state) - sectionStates.indexOf(b.state) || (a.at < b.at ? 1 : -1));
  const { state, reason, agency } = claims[0]!;
  const why = gone && state !== 'ended' ? left : reason;
  return {
    module, title: known?.titles[language] ?? module, agency, state: gone ? 'ended' : state, ...(why && { reason: titled(why, language) }),
    entries: entries.map((entry) => entryView(entry, language, visible)),
    actions: [
      ...entries.flatMap(({ entryId, actions }) => actions.map((action) => actionView(entryId, action, language))),
      ...asks.map((ask) => actionView(ask.referralId, askAction(ask), language)),
    ].sort(byTime),
    stale, changedAt: latest(claims.map(({ at }) => at))!,
  };
};
