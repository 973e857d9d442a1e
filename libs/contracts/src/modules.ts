import { Type, type Static } from 'typebox';
import { contract } from './contract.js';
import { topics } from './topics.js';
import { Agency, Code, ModuleName, Titles, closed } from './values.js';

/** Field names follow the Human Services Data Specification 3 (Open Referral) where it has them. */
export const Offer = Type.Object({
  code: Code,
  agency: Agency,
  titles: Titles,
  needs: Type.Array(Code, { maxItems: 50, description: 'Codes of the needs that the offer addresses' }),
  eligibility: Type.Optional(Titles),
  availability: Type.Enum(['open', 'waitlist', 'closed']),
  cost: Type.Object({ amount: Type.Number({ minimum: 0 }), currency: Type.String({ pattern: '^[A-Z]{3}$' }) }, closed),
  waitingDays: Type.Integer({ minimum: 0, description: 'Usual days from acceptance to the first contact' }),
  requiredDocuments: Type.Array(Titles, { maxItems: 20 }),
  languages: Type.Array(Type.String({ pattern: '^[a-z]{2,3}$' }), { maxItems: 50 }),
  accessibility: Type.Array(Code, { maxItems: 20 }),
}, closed);
export type Offer = Static<typeof Offer>;

export const Manifest = Type.Object({
  module: ModuleName,
  revision: Type.Integer({ minimum: 1, maximum: 2_147_483_647, description: 'Orders manifests of one module; the highest one counts, whatever version it announces' }),
  version: Type.String({ pattern: '^\\d+\\.\\d+\\.\\d+$' }),
  titles: Titles,
  baseUrl: Type.String({ pattern: '^https?://[^/?#@\\s]+$', description: 'Scheme, host and port; the gateway forwards /v1/<module>/** there' }),
  lifecycle: Type.Enum(['pilot', 'active', 'retiring']),
  offers: Type.Array(Offer, { maxItems: 200 }),
  says: Type.Array(Code, { maxItems: 500, description: 'Types of the facts that the module publishes' }),
  hears: Type.Array(Code, { maxItems: 500, description: 'Types of the facts that the module reacts to' }),
  serves: Type.Array(Type.Enum(['openapi', 'plan-texts', 'clients:display']), {
    description: 'Contracts answered over HTTP: openapi → GET /openapi.json; the others → POST /v1/<module>/<contract>',
  }),
  me: Type.Optional(Type.Array(Code, { maxItems: 20, description: 'What the module tells people of themselves, with their own token: consents → GET /v1/<module>/me/consents' })),
  accessLog: Type.Optional(Type.Boolean({ description: 'The module decides by itself about each request and keeps a record of it, of which it tells people (POST /v1/<module>/access-log). Unless it says so the gateway does both for what comes through it' })),
  agencies: Type.Optional(Type.Array(Type.Object({ agency: Agency, titles: Titles }, closed), { maxItems: 20, description: 'What the agency that runs the module is called' })),
}, closed);
export type Manifest = Static<typeof Manifest>;

/** Key: the module's name. A null value ends the membership: its routes answer 410, its history stays. */
export const moduleAnnounced = contract(topics.modules, 'opora.module.announced', '1.2.0', Manifest,
  'A module says who it is, where it answers and what it offers');


/** First parts of paths that are the gateway's own: no module can have such a name. */
export const reservedNames: ReadonlySet<string> = new Set(['admin', 'clients', 'gateway', 'health', 'me', 'metrics', 'modules', 'openapi', 'partner', 'reference']);
