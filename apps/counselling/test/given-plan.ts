import type { OfferRef } from '@opora/contracts';
import type { Fact } from '@opora/domain';
import { activate } from '../src/domain/activating.js';
import { decideByClient, submit } from '../src/domain/agreeing.js';
import { addGoal, choose, draftVersion, nameResponsible, open, putOff, setReviewDate } from '../src/domain/drafting.js';
import { evolve } from '../src/domain/evolve.js';
import type { Ends, Need } from '../src/domain/needs.js';
import type { Offering, Offerings } from '../src/domain/offering.js';
import type { Choice, Plan } from '../src/domain/plan.js';
import type { PlanFact } from '../src/domain/plan-facts.js';

// A plan that specs start from, told step by step with the decisions themselves.
export const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
export const at = '2026-03-02T09:00:00.000Z';
export const today = '2026-03-02';
export const [planId, clientId] = [id(1), id(2)];

const need = (n: number, code: string, dataClass: Need['dataClass'] = 'D1'): Need =>
  ({ ref: { module: 'screening', id: id(n) }, clientId, title: { system: 'urn:opora:need', code, en: code, ru: code }, agency: 'centre', dataClass });
export const housing = need(10, 'housing');
export const food = need(11, 'food');
export const psychological = need(12, 'psychological', 'D2');
export const confirmed = [housing, food];

export const shelter: OfferRef = { module: 'alpha', offer: 'shelter' };
export const hostel: OfferRef = { module: 'beta', offer: 'hostel' };
export const flat: OfferRef = { module: 'gamma', offer: 'flat' };
const open_: Offering = { agency: 'house', availability: 'open', consented: true };

export const offeringsOf = (change: Partial<Record<'shelter' | 'hostel' | 'flat', Partial<Offering> | null>> = {}): Offerings => {
  const all: Record<string, Offering | null> = { shelter: open_, hostel: { ...open_, agency: 'inn' }, flat: { ...open_, agency: 'rooms' } };
  return ({ offer }) => {
    const known = all[offer];
    const changed = (change as Record<string, Partial<Offering> | null | undefined>)[offer];
    return !known || changed === null ? undefined : { ...known, ...changed };
  };
};

export const goal = (n: number, of: Need = housing) =>
  ({ goalId: id(n), needs: [of.ref], title: 'secure-home' as const, ownAim: 'My own door', levels: [], weight: 1, actions: [] });
export const choice = (n: number, offer: OfferRef = shelter, more: Partial<Choice> = {}): Omit<Choice, 'decision'> =>
  ({ choiceId: id(n), ...offer, needs: [housing.ref], goalIds: [], urgency: 'urgent', alternatives: [], ...more });

/** None of the needs has ended, unless said. */
export const endsOf = (ends: Partial<Record<string, ReturnType<Ends>>> = {}): Ends => (need) => ends[need.id];

type Step = (plan: Plan | undefined) => PlanFact[];
export const told = (...steps: Step[]): PlanFact[] => steps.reduce<{ facts: PlanFact[]; plan: Plan | undefined }>(({ facts, plan }, step) => {
  const more = step(plan);
  return { facts: [...facts, ...more], plan: more.reduce<Plan | undefined>(evolve, plan) };
}, { facts: [], plan: undefined }).facts;
export const folded = (...steps: Step[]): Plan => told(...steps).reduce<Plan | undefined>(evolve, undefined)!;
export const types = (facts: readonly Fact[] | undefined): string[] => (facts ?? []).map(({ type }) => type);

export const opened: Step = (p) => open(p, { planId, clientId, agency: 'centre', at });
export const withGoal: Step = (p) => addGoal(p, { goal: goal(20), confirmed, at });
export const foodLater: Step = (p) => putOff(p, { need: food.ref, reason: 'not-ready', confirmed, at });
export const named: Step = (p) => nameResponsible(p, { responsible: 'counsellor-1', at });
export const dated: Step = (p) => setReviewDate(p, { reviewOn: '2026-06-01', today, at });
export const chosen = (n: number, offer?: OfferRef, more?: Partial<Choice>): Step => (p) => choose(p, { choice: choice(n, offer, more), confirmed, offerings: offeringsOf(), at });
export const submitted: Step = (p) => submit(p, { confirmed, today, at });
export const agreed: Step = (p) => decideByClient(p, { decision: 'agree', by: 'client-1', choices: [], at });
export const activated: Step = (p) => {
  let n = 1000 + (p?.referrals.length ?? 0);
  return activate(p, { confirmed, offerings: offeringsOf(), newReferralId: () => id(n++), at, now: at });
};
export const redrafted: Step = (p) => draftVersion(p, { at });

export const complete: Step[] = [opened, withGoal, foodLater, named, dated];
