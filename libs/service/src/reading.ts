import { aboutPerson, mayShare, standingOf, visible, type Actor, type Label, type Policies } from '@opora/access';
import { topics, type ConsentState, type DataClass, type Purpose } from '@opora/contracts';
import { absent } from '@opora/domain';
import type { Clock, Heads, Visible } from '@opora/messaging';
import { pageOf, type Page, type Paged, type PageQuery } from './page.js';

/** A thing about a person, as decisions see it: of this module unless said. `id` is for the audit. */
export type Labelled = Omit<Label, 'module'> & { readonly id?: string | undefined; readonly module?: string };

/** Decides about things, each with the person's circumstances, and notes what was decided. What may not be seen looks like what does not exist. */
export class Reading {
  constructor(private readonly policies: Policies, private readonly heads: Heads, private readonly clock: Clock) {}

  consents(clientId: string): Promise<ConsentState | undefined> {
    return this.heads.get(topics.consents.name, clientId);
  }

  /** All ids of this person. */
  async records(clientId: string): Promise<readonly string[]> {
    return (await this.heads.person(clientId)).ids;
  }

  /** Whether the actor may do to this thing what the request is about, or `action`. */
  async may(actor: Actor, thing: Labelled, action?: string): Promise<boolean> {
    return this.mayAsOf(thing.clientId === undefined ? undefined : await this.consents(thing.clientId), actor, thing, action);
  }

  /** The same for circumstances that are already known. */
  mayAsOf(state: ConsentState | undefined, actor: Actor, thing: Labelled, action = asked(actor).action): boolean {
    const { purpose } = asked(actor);
    const label = { ...thing, module: thing.module ?? this.policies.module };
    const { allowed, policies } = this.policies.decide({ actor, purpose }, action, label, standingOf(actor, label, state, this.clock.now()));
    asked(actor).note({ action, decision: allowed ? 'permit' : 'deny', policies, clientId: label.clientId, resource: thing.id });
    return allowed;
  }

  /** The parts of a thing that this actor is not shown, though the thing itself is; each with the action that would show it. */
  withheld<P extends string>(state: ConsentState | undefined, actor: Actor, thing: Labelled, parts: Readonly<Record<P, string>>): ReadonlySet<P> {
    const { purpose } = asked(actor);
    const label = { ...thing, module: this.policies.module };
    const standing = standingOf(actor, label, state, this.clock.now());
    const withheld = (Object.keys(parts) as P[]).filter((part) => !this.policies.decide({ actor, purpose }, parts[part], label, standing).allowed);
    asked(actor).withhold(withheld);
    return new Set(withheld);
  }

  /** Answers with the thing if the actor may; otherwise there is no such thing. */
  async require<T>(what: string, thing: T | undefined, actor: Actor, label: (thing: T) => Labelled, state?: ConsentState): Promise<T> {
    const allowed = thing !== undefined && (state ? this.mayAsOf(state, actor, label(thing)) : await this.may(actor, label(thing)));
    if (!allowed) throw absent(what);
    return thing;
  }

  /** For what a service keeps of a person whose token it is: whoever is barred has none, in whose name they may come. */
  async requireOwn(actor: Actor): Promise<string> {
    return this.require('person', actor.clientId, actor, (clientId) => ({ clientId, agency: actor.agency, dataClass: 'D3' }));
  }

  /** One page of a store's aggregates, as far as the actor may see them. The rows need the columns client_id and agency. */
  async page<R extends { readonly id: string; readonly state: { readonly clientId?: string | undefined } }, T>(
    store: Paged<R>, actor: Actor, dataClass: DataClass, filter: Readonly<Record<string, unknown>>, query: PageQuery, view: (row: R) => T,
  ): Promise<Page<T>> {
    const { action, purpose, permittedBy: policies } = asked(actor);
    const reach = this.policies.reach({ actor, purpose }, action, { module: this.policies.module, dataClass });
    // In an emergency nothing but what was opened: asked of every row, that would read them all.
    const opened = reach.length > 0 && reach.every((standing) => standing.opened) ? await this.heads.openedTo(actor.sub) : undefined;
    const clause: Visible = {
      join: aboutPerson,
      where: (table, add) => `${opened ? `${table}.client_id = any(${add(opened)}::uuid[]) and ` : ''}${visible(reach, actor, dataClass, this.clock.now(), table, add)}`,
    };
    return pageOf(store, filter, query, (row) => {
      asked(actor).note({ action, decision: 'permit', policies, clientId: row.state.clientId, resource: row.id });
      return view(row);
    }, undefined, clause);
  }

  async mayShare(clientId: string, purpose: Purpose, recipient: string, dataClass: DataClass): Promise<boolean> {
    return mayShare(await this.consents(clientId), purpose, recipient, dataClass, this.clock.now());
  }
}

const asked = ({ asking }: Actor) => {
  if (!asking) throw new Error('Decided about somebody outside of a request');
  return asking;
};
