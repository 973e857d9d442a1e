import { policySetTextToParts, policyToJson, preparsePolicySet, preparseSchema, schemaToJson, statefulIsAuthorized, validate } from '@cedar-policy/cedar-wasm/nodejs';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isClient, roles, rolesOf, worksIn, type Actor } from './actor.js';
import type { PurposeOfUse } from './seen.js';
import { relations, standingsOf, type Label, type Standing } from './standing.js';

/** Cedar text: the schema of the actions, and the policies. */
export interface PolicyText {
  readonly schema: string;
  readonly policies: string;
}

export interface Verdict {
  readonly allowed: boolean;
  /** Ids of the policies that decided; none when nothing permits it. */
  readonly policies: readonly string[];
}

/** Who asks, what for, and as what. */
export interface Asker {
  readonly actor: Actor;
  readonly purpose: PurposeOfUse;
}

/** What people come for but in an emergency, in which staff may look at nearly everything. */
export const everyday = ['care', 'self', 'oversight', 'conflict-check'] as const satisfies readonly PurposeOfUse[];

const dataClasses = ['D1', 'D3', 'D2', 'D0'] as const;
const nobody: Standing = { own: false, sameAgency: false, inCaseload: false, hidden: false, consented: false, opened: false, barred: false };

export const standardPolicies = fileURLToPath(new URL('../../../deploy/policies', import.meta.url));

/** The policies of one service, as they stand in their folder: what holds for every service, and what it adds of its own. */
export const policyText = (service: string, folder = standardPolicies): PolicyText => {
  const read = (ending: string) => ['every-service', service].map((name) => `${folder}/${name}.${ending}`)
    // A service may have none of its own; without those of every service nothing would be forbidden.
    .filter((file) => file.includes('/every-service.') || existsSync(file))
    .map((file) => readFileSync(file, 'utf8')).join('\n');
  return { schema: read('cedarschema'), policies: read('cedar') };
};

type ResourceType = 'Record' | 'Entry' | 'Desk';

/**
 * Decides by Cedar policies, parsed once. A verdict depends on who asks (roles, modules, channel), what for, the action, the data
 * class and the standing of the two, and on nothing else: that is what Cedar is given, and by that verdicts are remembered.
 */
export class Policies {
  /** Names the text exactly: the first 12 hexadecimal digits of its SHA-256. */
  readonly version: string;
  private readonly name: string;
  private readonly permits: string;
  /** Of integrators' programs: what the text names beside the roles that people have. */
  private readonly programs: readonly string[];
  private readonly actions = new Map<string, { type: string; resource: ResourceType }>();
  private readonly verdicts = new Map<string, Verdict>();

  /** Throws when the policies do not parse or do not fit their schema. */
  constructor(readonly module: string, { schema, policies }: PolicyText) {
    this.version = createHash('sha256').update(schema).update(policies).digest('hex').slice(0, 12);
    this.name = `${module}@${this.version}`;
    this.permits = `${this.name} permits`;
    this.programs = [...new Set([...policies.matchAll(/Opora::Role::"([a-z0-9-]+)"/g)].map(([, role]) => role!))].filter((role) => role !== 'staff' && !(roles as readonly string[]).includes(role));
    const byId = policiesById(policies);
    const checked = validate({ schema, policies: { staticPolicies: byId }, validationSettings: { mode: 'strict' } });
    refuse(checked.type === 'failure' ? checked.errors : checked.validationErrors.map(({ policyId, error }) => ({ message: `${policyId}: ${error.message}` })));
    refuse(failures(preparseSchema(this.name, schema)));
    refuse(failures(preparsePolicySet(this.name, { staticPolicies: byId })));
    const permitting = Object.fromEntries(Object.entries(byId).filter(([, policy]) => /^(?:@\w+\("[^"]*"\)\s*)*permit\b/.test(policy)));
    refuse(failures(preparsePolicySet(this.permits, { staticPolicies: permitting })));
    const described = schemaToJson(schema);
    if (described.type === 'failure') throw refusal(described.errors);
    for (const [namespace, { actions }] of Object.entries(described.json)) {
      for (const [action, { appliesTo }] of Object.entries(actions)) {
        const [resource] = appliesTo?.resourceTypes ?? [];
        if (resource !== undefined) this.actions.set(action, { type: `${namespace}::Action`, resource: String(resource).split('::').at(-1) as ResourceType });
      }
    }
  }

  knows(action: string): boolean {
    return this.actions.has(action);
  }

  actionNames(): string[] {
    return [...this.actions.keys()];
  }

  /** What the action is done to: what a module keeps of a person, what it contributes to the plan, or what is about nobody. */
  kindOf(action: string): ResourceType {
    return this.action(action).resource;
  }

  decide(asker: Asker, action: string, label: Pick<Label, 'dataClass' | 'module'>, standing: Standing, among = this.name): Verdict {
    const { actor, purpose } = asker;
    const key = [among, actor.roles.join(' '), actor.channel ?? '', purpose, action, label.module, label.dataClass, ...relations.map((relation) => Number(standing[relation]))].join('|');
    const known = this.verdicts.get(key);
    if (known) return known;
    const verdict = this.ask(asker, action, label, standing, among);
    if (this.verdicts.size >= REMEMBERED) this.verdicts.clear();
    this.verdicts.set(key, verdict);
    return verdict;
  }

  /** The standings under which it is permitted: what a list may show. */
  reach(asker: Asker, action: string, label: Pick<Label, 'dataClass' | 'module'>): Standing[] {
    return standingsOf(asker.actor).filter((standing) => this.decide(asker, action, label, standing).allowed);
  }

  /** Whether there is anything at all that the asker may do this to. */
  conceivable(asker: Asker, action: string): Verdict {
    if (this.kindOf(action) === 'Desk') return this.decide(asker, action, { module: this.module, dataClass: 'D0' }, nobody);
    if (!this.isPermitted(asker, action)) return { allowed: false, policies: [] };
    for (const dataClass of dataClasses) {
      // That a person is hidden or protected is never a reason to permit.
      for (const standing of standingsOf(asker.actor).filter(({ hidden, barred }) => !hidden && !barred)) {
        const verdict = this.decide(asker, action, { module: this.module, dataClass }, standing);
        if (verdict.allowed) return verdict;
      }
    }
    return { allowed: false, policies: [] };
  }

  /** A quick no: whether any policy permits it when all that can speak for the asker does. What forbids is left out of it. */
  private isPermitted(asker: Asker, action: string): boolean {
    const best = isClient(asker.actor) ? { ...nobody, own: true } : { ...nobody, sameAgency: true, inCaseload: true, consented: true, opened: true };
    return dataClasses.some((dataClass) => this.decide(asker, action, { module: this.module, dataClass }, best, this.permits).allowed);
  }

  /** The roles, as tokens carry them, to which something of the kind is open: for refusals and the API description. */
  rolesFor(action: string): string[] {
    const isFor = (role: string, channel: Actor['channel'] = 'interactive') =>
      everyday.some((purpose) => this.conceivable({ actor: { sub: 'somebody', agency: 'agency', roles: [role], channel }, purpose }, action).allowed);
    const practising = isFor('some-other-module:practitioner') ? ['practitioner of any module'] : [`${this.module}:practitioner`].filter((role) => isFor(role));
    return [...roles.filter((role) => role !== 'practitioner' && isFor(role)), ...practising, ...this.programs.filter((role) => isFor(role, 'service')).map((role) => `${role} (program)`)];
  }

  private action(action: string): { type: string; resource: ResourceType } {
    const found = this.actions.get(action);
    if (!found) throw new Error(`No policy schema of ${this.module} has the action ${action}`);
    return found;
  }

  /** Policies compare ids and never name one, so stand-ins say the same as the ids themselves. */
  private ask({ actor, purpose }: Asker, action: string, { module, dataClass }: Pick<Label, 'dataClass' | 'module'>, standing: Standing, among: string): Verdict {
    const { type, resource } = this.action(action);
    const client = isClient(actor);
    const asking = { type: client ? 'Opora::Person' : 'Opora::Staff', id: 'asker' };
    const person = { type: 'Opora::Person', id: standing.own ? 'asker' : 'person' };
    const thing = { type: `Opora::${resource}`, id: 'thing' };
    const held = client ? [] : rolesOf(actor).map((id) => ({ type: 'Opora::Role', id }));
    const answer = statefulIsAuthorized({
      principal: asking, action: { type, id: action }, resource: thing,
      context: { purpose, channel: actor.channel ?? 'interactive', consented: standing.consented, opened: standing.opened, barred: standing.barred },
      preparsedPolicySetId: among, preparsedSchemaName: this.name, validateRequest: false,
      entities: [
        {
          uid: asking, parents: held,
          attrs: client ? {} : { agency: 'the asker’s', worksIn: worksIn(actor), caseload: standing.inCaseload ? [{ __entity: { type: 'Opora::Person', id: 'person' } }] : [] },
        },
        ...held.map((uid) => ({ uid, attrs: {}, parents: [] })),
        {
          uid: thing, parents: [],
          attrs: resource === 'Desk' ? { module } : {
            person: { __entity: person }, agency: standing.sameAgency ? 'the asker’s' : 'another', module, dataClass, hidden: standing.hidden,
          },
        },
      ],
    });
    if (answer.type === 'failure') throw refusal(answer.errors);
    const { decision, diagnostics } = answer.response;
    // An error in a policy would leave it out, and with a forbidding one its prohibition.
    refuse(diagnostics.errors.map(({ policyId, error }) => ({ message: `${policyId}: ${error.message}` })));
    return { allowed: decision === 'allow', policies: [...diagnostics.reason].sort() };
  }
}

/** Up to 64 standings and four classes for each action and set of roles. */
const REMEMBERED = 200_000;

/** Each policy under the id that its `@id` gives it. */
const policiesById = (text: string): Record<string, string> => {
  const parts = policySetTextToParts(text);
  if (parts.type === 'failure') throw refusal(parts.errors);
  const named = parts.policies.map((policy): [string, string] => {
    const json = policyToJson(policy);
    const id = json.type === 'success' ? json.json.annotations?.['id'] : undefined;
    if (!id) throw new Error('A policy has no @id');
    return [id, policy];
  });
  const byId = Object.fromEntries(named);
  if (Object.keys(byId).length < named.length) throw new Error('Two policies have the same @id');
  return byId;
};

const failures = (answer: { type: 'success' } | { type: 'failure'; errors: readonly { message: string }[] }) => answer.type === 'failure' ? answer.errors : [];
const refusal = (errors: readonly { message: string }[]): Error => new Error(`The policies are wrong: ${errors.map(({ message }) => message).join('; ')}`);
const refuse = (errors: readonly { message: string }[]): void => {
  if (errors.length > 0) throw refusal(errors);
};
