import r4 from 'fhirpath/fhir-context/r4';
import type { Consent } from './consent.js';
import { fhirConsent } from './fhir-consent.js';

const at = '2026-03-02T09:00:00.000Z';
const clientId = '0199a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b';
const consent = (more: Partial<Consent> = {}): Consent => ({
  consentId: '0199a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2c', status: 'given', purpose: 'coordination', recipients: ['bureau', 'centre'], dataClasses: ['D1', 'D2'], legalBasis: 'consent', from: at,
  givenAt: at, evidence: { document: { medium: 'paper', sha256: 'a'.repeat(64), formVersion: '3', language: 'ru' }, takenBy: 'irina', byClient: false }, ...more,
});
const resource = (more: Partial<Consent> = {}): any => fhirConsent(consent(more), { clientId, agency: 'centre' }, at);

/** https://hl7.org/fhir/R4/datatypes.html#primitive, as far as we use them. */
const primitives: Record<string, RegExp> = {
  code: /^[^\s]+(\s[^\s]+)*$/, id: /^[A-Za-z0-9\-.]{1,64}$/, uri: /^\S+$/, string: /^[\s\S]+$/, 'System.String': /^[\s\S]+$/,
  dateTime: /^\d{4}(-\d\d(-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d))?)?)?$/,
};
/** https://hl7.org/fhir/R4/consent.html and documentreference.html: elements with a minimum of 1. */
const needed: Record<string, string[]> = {
  Consent: ['status', 'scope', 'category'], 'Consent.provision.actor': ['role', 'reference'], DocumentReference: ['status', 'content'], 'DocumentReference.content': ['attachment'], Extension: ['url'],
};
const { path2Type, choiceTypePaths, path2Repeating } = r4 as unknown as { path2Type: Record<string, any>; choiceTypePaths: Record<string, string[]>; path2Repeating: Record<string, boolean> };
const typeAt = (path: string): string | undefined => {
  const named = path2Type[path];
  if (named !== undefined) return typeof named === 'string' ? named : named.code;
  const choice = Object.entries(choiceTypePaths).find(([stem, types]) => types.some((type) => path === stem + type[0]!.toUpperCase() + type.slice(1)));
  return choice?.[1].find((type) => path.endsWith(type[0]!.toUpperCase() + type.slice(1)));
};

/** Every trouble with an element, by the model of R4 that ships with fhirpath: names, types, lists, minimums. */
const troubles = (value: any, type: string): string[] => [
  ...(needed[type] ?? []).filter((name) => value[name] === undefined).map((name) => `${type}.${name} is missing`),
  ...Object.entries(value).flatMap(([name, one]): string[] => {
    const path = `${type}.${name}`;
    if (name === 'resourceType') return [];
    if (path === 'Consent.contained') return (one as any[]).flatMap((inner) => troubles(inner, inner.resourceType));
    const own = name === 'extension' ? 'Extension' : name === 'id' ? 'id' : typeAt(path);
    if (own === undefined) return [`${path} is not in R4`];
    if (Array.isArray(one) !== (name === 'extension' || Boolean(path2Repeating[path]))) return [`${path}: a list where none is, or none where one is`];
    return (Array.isArray(one) ? one : [one]).flatMap((item: any) => {
      if (typeof item !== 'object') return primitives[own]?.test(item) ? [] : [`${path} is no ${own}`];
      return troubles(item, own === 'BackboneElement' || own === 'Element' ? path : own);
    });
  }),
];

it.each<[string, Partial<Consent>]>([
  ['in full', { until: '2026-06-01T00:00:00.000Z' }], ['of before, without evidence', { evidence: undefined!, givenAt: undefined! }], ['on another ground', { legalBasis: 'public-task', norm: 'ru/442-fz/6' }],
  ['by a representative, spoken', { evidence: { document: { medium: 'spoken' }, representative: { id: 'r1', capacity: 'parent', authority: 'b'.repeat(64) }, takenBy: 'irina', byClient: false } }],
])('is a Consent of FHIR R4: %s', (_, more) => expect(troubles(JSON.parse(JSON.stringify(resource(more))), 'Consent')).toEqual([]));

it('the check sees what is no Consent', () => {
  expect(troubles({ ...resource(), status: undefined, recipient: [], patient: [{}], dateTime: 'yesterday' }, 'Consent')).toEqual([
    'Consent.status is missing', 'Consent.patient: a list where none is, or none where one is', 'Consent.dateTime is no dateTime', 'Consent.recipient is not in R4']);
  expect(troubles({ ...resource(), provision: { actor: [{ role: {} }] } }, 'Consent')).toEqual(['Consent.provision.actor.reference is missing']);
});

it.each<[Consent['status'], string]>([
  ['requested', 'proposed'], ['given', 'active'], ['refused', 'rejected'], ['withdrawn', 'inactive'], ['ended', 'inactive'], ['objected-to', 'inactive'], ['entered-in-error', 'entered-in-error'],
])('%s is %s', (status, expected) => expect(resource({ status }).status).toBe(expected));

it('whose time is over is inactive', () => expect(resource({ until: at }).status).toBe('inactive'));

it('keeps the invariants ppc-1 and ppc-2, and refers to what it contains (dom-3)', () => {
  const one = resource();
  expect(one.policyRule ?? one.policy).toBeDefined();
  expect(one.scope.coding[0].code === 'patient-privacy' && one.patient).toBeTruthy();
  expect(one.sourceReference.reference).toBe(`#${one.contained[0].id}`);
  expect(one.contained.every((inner: any) => inner.meta === undefined && inner.contained === undefined)).toBe(true);
});

it('says what was agreed, on what, and who took it', () => {
  expect(resource({ until: '2026-06-01T00:00:00.000Z' })).toMatchObject({
    patient: { type: 'Patient', identifier: { system: 'urn:opora:client', value: clientId } }, performer: [{ type: 'Patient' }], organization: [{ identifier: { value: 'centre' } }],
    contained: [{ masterIdentifier: { value: `nih:sha-256;${'a'.repeat(64)}` }, identifier: [{ value: '3' }], content: [{ attachment: { language: 'ru' }, format: { code: 'paper' } }] }],
    extension: [{ valueReference: { type: 'Practitioner', identifier: { value: 'irina' } } }], policyRule: { coding: [{ code: 'consent' }] },
    provision: {
      type: 'permit', period: { start: at, end: '2026-06-01T00:00:00.000Z' }, purpose: [{ code: 'coordination' }], class: [{ code: 'D1' }, { code: 'D2' }],
      actor: [{ reference: { identifier: { value: 'bureau' } } }, { reference: { identifier: { value: 'centre' } } }],
    },
  });
  expect(resource({ legalBasis: 'public-task', norm: 'ru/442-fz/6' })).toMatchObject({ performer: [{ type: 'Organization' }], policy: [{ uri: 'urn:opora:norm:ru/442-fz/6' }] });
});
