import { matrix, Policies, policyText, situations, type Situation } from '@opora/access';
import { consentsChanged, type ConsentState, type DataClass } from '@opora/contracts';
import { newId } from '@opora/messaging';
import { eventually, startHarness, type Harness } from '@opora/testing';
import { Gateway } from '../src/gateway.module.js';
import { speaker } from './said.js';

const cells = matrix(new Policies('gateway', policyText('gateway')), 'plan.read', 'legal-aid');
const classes: DataClass[] = ['D0', 'D1', 'D2', 'D3'];
const people = new Map<Situation, { clientId: string; entries: Map<string, DataClass> }>();

let harness: Harness;

beforeAll(async () => {
  harness = await startHarness([Gateway]);
  const say = speaker(harness);
  await say.module('legal-aid');
  for (const [situation, { sameAgency, consented, opened, hidden, inCaseload, barred }] of Object.entries(situations) as [Situation, any][]) {
    const clientId = newId();
    const at = harness.clock.now();
    const terms = { consentId: newId(), status: 'given' as const, dataClasses: classes, legalBasis: 'consent' as const, from: '2026-01-01T00:00:00.000Z' };
    const state: ConsentState = {
      clientId, version: 1, recordedAt: at, aliases: [], hidden: hidden ?? false, team: inCaseload ? ['asker'] : [],
      consents: consented ? [{ ...terms, purpose: 'coordination', recipients: ['centre'] }, { ...terms, consentId: newId(), purpose: 'referral', recipients: ['bureau'] }] : [],
      openings: opened ? [{ openingId: newId(), subject: 'asker', agency: 'centre', from: at, until: '2027-01-01T00:00:00.000Z' }] : [],
      barred: { subjects: barred ? ['asker'] : [], clients: [] },
    };
    await harness.say(consentsChanged, state, { source: 'registrar', key: clientId });
    const entries = new Map<string, DataClass>();
    for (const dataClass of classes) {
      const { entryId } = await say.entry(clientId, 'legal-aid', { agency: sameAgency ? 'centre' : 'bureau', dataClass, kind: 'service' });
      entries.set(entryId, dataClass);
    }
    people.set(situation, { clientId, entries });
  }
  const last = people.get('barred')!;
  const herself = await harness.as('gateway', { sub: 'herself', agency: 'centre', roles: ['client'], opora_client: last.clientId });
  await eventually(() => herself.get(`/v1/clients/${last.clientId}/plan`), ({ body }) => body.sections?.[0]?.entries.length === classes.length);
});

afterAll(() => harness?.close());

const asked = [...new Map(cells.map(({ role, purpose, situation }) => [`${role} ${purpose} ${situation}`, { role, purpose, situation }])).values()];

// The page docs/access.md shows these cells; here each is asked over HTTP.
it.each(asked.map(({ role, purpose, situation }) => [role, purpose, situation] as const))('%s, for %s, %s: sees what the matrix says', async (role, purpose, situation) => {
  const { clientId, entries } = people.get(situation)!;
  const client = role === 'client' && { opora_client: situation === 'their own' ? clientId : newId() };
  const asker = await harness.as('gateway', { sub: 'asker', agency: 'centre', roles: [role], ...client });
  const { status, body } = await asker.get(`/v1/clients/${clientId}/plan`, { 'opora-purpose': purpose });
  const shown = status === 200 ? body.sections.flatMap((section: any) => section.entries.map(({ entryId }: any) => entries.get(entryId))) : [];
  const expected = cells.filter((cell) => cell.role === role && cell.purpose === purpose && cell.situation === situation && cell.allowed).map(({ dataClass }) => dataClass);
  expect(shown.sort()).toEqual(expected);
  expect(status).toBe(expected.length > 0 ? 200 : body.code === 'not-found' ? 404 : 403);
});
