import { topics } from '@opora/contracts';
import type { Instant } from '@opora/domain';
import { isClient, recordsOf, type Actor } from './actor.js';
import { relations, relationsOf, type Label, type Standing } from './standing.js';

type Relation = (typeof relations)[number];

/** Where a person's circumstances stand, joined as `about`. */
export const aboutPerson = (table: string): string => `left join head about on about.topic = '${topics.consents.name}' and about.key = ${table}.client_id::text`;

/** What `standingOf` says of one thing, said in SQL of the row `table` (columns client_id, agency) and of `about`. `add` hands a parameter in. */
const expressions = (actor: Actor, dataClass: Label['dataClass'], at: Instant, table: string, add: (value: unknown) => string): Record<Relation, () => string> => {
  const holds = (path: string, value: string) => `coalesce(about.body${path} ? ${add(value)}, false)`;
  const during = (one: string) => `${one}->>'from' <= ${add(at)} and (${one}->>'until' is null or ${add(at)} < ${one}->>'until')`;
  const own = () => isClient(actor) && actor.clientId !== undefined ? `${table}.client_id = any(${add(recordsOf(actor))}::uuid[])` : 'false';
  const barredAsClient = () => actor.clientId === undefined ? 'false' : `(not coalesce(${own()}, false) and coalesce(about.body->'barred'->'clients' ?| ${add(recordsOf(actor))}::text[], false))`;
  return {
    own,
    sameAgency: () => `${table}.agency = ${add(actor.agency)}`,
    inCaseload: () => holds(`->'team'`, actor.sub),
    hidden: () => `coalesce((about.body->>'hidden')::boolean, false)`,
    consented: () => `exists (select from jsonb_array_elements(about.body->'consents') c where c->>'status' = 'given' and c->>'purpose' = 'coordination'
      and c->'recipients' ? ${add(actor.agency)} and c->'dataClasses' ? ${add(dataClass)} and ${during('c')})`,
    opened: () => `exists (select from jsonb_array_elements(about.body->'openings') o where o->>'subject' = ${add(actor.sub)} and ${during('o')})`,
    barred: () => `(${holds(`->'barred'->'subjects'`, actor.sub)} or ${barredAsClient()})`,
  };
};

const flipped = (standing: Standing, relation: Relation): Standing => ({ ...standing, [relation]: !standing[relation] });
const bits = (standing: Standing, among: readonly Relation[]): number => among.reduce((sum, relation, i) => sum + (standing[relation] ? 1 << i : 0), 0);

/**
 * The condition under which a row may be shown, from the standings that the policies permit: a row is returned exactly when the
 * policies would permit it by itself. What every permitted standing has in common stands by itself and bare, so that indexes serve it.
 */
export const visible = (reach: readonly Standing[], actor: Actor, dataClass: Label['dataClass'], at: Instant, table: string, add: (value: unknown) => string): string => {
  if (reach.length === 0) return 'false';
  const permitted = new Set(reach.map((standing) => bits(standing, relations)));
  const matters = relationsOf(actor).filter((relation) => !reach.every((standing) => permitted.has(bits(flipped(standing, relation), relations))));
  const isCommon = (relation: Relation) => reach.every((standing) => standing[relation] === reach[0]![relation]);
  const said = expressions(actor, dataClass, at, table, add);
  const common = matters.filter(isCommon).map((relation) => reach[0]![relation] ? said[relation]() : `not coalesce(${said[relation]()}, false)`);
  const others = matters.filter((relation) => !isCommon(relation));
  if (others.length > 0) {
    const allowed = add([...new Set(reach.map((standing) => bits(standing, others)))]);
    common.push(`(${others.map((relation, i) => `case when ${said[relation]()} then ${1 << i} else 0 end`).join(' + ')}) = any(${allowed}::int[])`);
  }
  return common.length === 0 ? 'true' : common.join(' and ');
};
