import { given } from '@opora/domain';
import { enterInError, giveUrgentHelp, link, noticeOverdue, recordContact, register, resolve, triage } from './help-request.js';
import { evolve, isOverdue, planEntries, type HelpRequest, type HelpRequestFact } from './help-request-state.js';
import { respondBy } from './response-clock.js';

type Decide = (request: HelpRequest | undefined) => HelpRequestFact[];

const time = (hours: number) => `2026-03-0${2 + Math.floor(hours / 24)}T${String(hours % 24).padStart(2, '0')}:00:00.000Z`;
const at = time(9);
const asked = register(undefined, { helpRequestId: 'h1', agency: 'centre', source: 'relative', reference: 'A-17', needCodes: ['food'], text: 'private', at });
const after = (...decisions: Decide[]) => given(evolve, ...decisions.reduce<HelpRequestFact[]>((facts, decide) => [...facts, ...decide(given(evolve, ...facts).state)], [...asked]));

const triaged = (urgency: 'emergency' | 'urgent' | 'routine', hours = 9): Decide => (r) => triage(r, { urgency, at: time(hours) });
const contacted = (hours: number): Decide => (r) => recordContact(r, { at: time(hours) });
const noticed = (hours: number): Decide => (r) => noticeOverdue(r, { at: time(hours) });
const linked = (clientId = 'c1'): Decide => (r) => link(r, { clientId, at });
const urgentHelp = (hours = 10): Decide => (r) => giveUrgentHelp(r, { help: 'hot-meal', text: 'private', at: time(hours) });
const resolved = (outcome: string): Decide => (r) => resolve(r, { outcome, at });
const wrong: Decide = (r) => enterInError(r, { reason: 'wrong-person', at });

it('says source and needs; the reference and the text stay', () => {
  expect(asked[0]!.data).toEqual({ helpRequestId: 'h1', at, source: 'relative', needCodes: ['food'] });
});

it.each<[string, Decide[], Decide, string]>([
  ['contact before triage', [], contacted(9), 'wrong-status'],
  ['contact that was before triage', [triaged('routine', 10)], contacted(9), 'before-triage'],
  ['contact at the moment of triage', [triaged('routine', 10)], contacted(10), 'in-contact'],
  ['contact before the second triage', [triaged('routine', 10), triaged('urgent', 12)], contacted(11), 'in-contact'],
  ['urgent help that was before the request', [triaged('emergency')], urgentHelp(8), 'before-registration'],
  ['urgent help before the paperwork of triage', [triaged('emergency', 11)], urgentHelp(10), 'resolved'],
  ['an id that stands for another one', [], (r) => register(r, { helpRequestId: 'h1', agency: 'centre', source: 'self', needCodes: [], at }), 'id-taken'],
  ['triage', [], triaged('routine'), 'triaged'],
  ['triage after contact', [triaged('routine'), contacted(10)], triaged('urgent'), 'wrong-status'],
  ['a second first contact', [triaged('routine'), contacted(10)], contacted(11), 'wrong-status'],
  ['urgent help that is no emergency', [triaged('urgent')], urgentHelp(), 'not-an-emergency'],
  ['urgent help before triage', [], urgentHelp(), 'wrong-status'],
  ['urgent help in an emergency', [triaged('emergency')], urgentHelp(), 'resolved'],
  ['urgent help after contact', [triaged('emergency'), contacted(10)], urgentHelp(), 'resolved'],
  ['helped, though nobody spoke with the person', [triaged('routine')], resolved('helped'), 'no-contact-yet'],
  ['nobody could be reached', [triaged('routine')], resolved('could-not-contact'), 'resolved'],
  ['a duplicate, before triage', [], resolved('duplicate'), 'resolved'],
  ['advised', [triaged('routine'), contacted(10)], resolved('advised'), 'resolved'],
  ['anything once resolved', [triaged('emergency'), urgentHelp()], resolved('helped'), 'wrong-status'],
  ['linking once resolved', [triaged('emergency'), urgentHelp()], linked(), 'resolved'],
  ['linking to another client', [linked()], linked('c2'), 'already-linked'],
  ['entering in error', [triaged('routine')], wrong, 'entered-in-error'],
  ['anything after that', [wrong], triaged('routine'), 'not-found'],
])('%s', (_, history, decide, expected) => {
  const { state, refused } = after(...history).when(decide);
  expect(refused ?? state!.status).toBe(expected);
});

it('linking to the same client again says nothing', () => expect(after(linked()).when(linked()).facts).toEqual([]));

it.each([[10, true], [11, true], [12, false]])('the emergency clock of 2 h stops at %s:00: in time %s', (hours, inTime) => {
  expect(after(triaged('emergency')).when(contacted(hours)).state!.contact).toEqual({ at: time(hours), inTime });
});

it('urgent help is the first contact when there was none, and resolves the request', () => {
  expect(after(triaged('emergency')).when(urgentHelp(10)).facts!.map(({ type }) => type)).toEqual(['intake.first-contact-made', 'intake.urgent-help-given', 'intake.help-request-resolved']);
  expect(after(triaged('emergency'), contacted(10)).when(urgentHelp()).facts!.map(({ type }) => type)).toEqual(['intake.urgent-help-given', 'intake.help-request-resolved']);
});

it('overdue is said once, and not once there was contact', () => {
  expect(after(triaged('emergency')).when(noticed(11)).facts).toEqual([]);
  const late = after(triaged('emergency')).when(noticed(12));
  expect(late.facts).toMatchObject([{ type: 'intake.response-overdue', data: { respondBy: time(11) } }]);
  expect(isOverdue(late.state!)).toBe(true);
  expect(after(triaged('emergency'), noticed(12)).when(noticed(13)).facts).toEqual([]);
  expect(after(triaged('emergency'), contacted(12)).when(noticed(13)).facts).toEqual([]);
  expect(isOverdue(after(triaged('emergency'), noticed(12), contacted(13)).state!)).toBe(false);
});

it('triage again: less urgent counts from the beginning, more urgent from now, never later than before', () => {
  const first = { urgency: 'urgent' as const, triagedAt: time(9), respondBy: time(33) };
  expect(respondBy('urgent', time(20), first)).toBe(time(33));
  expect(respondBy('routine', time(20), first)).toBe(time(9 + 168));
  expect(respondBy('emergency', time(20), first)).toBe(time(22));
  expect(respondBy('emergency', time(32), first)).toBe(time(33));
});

it('is in a plan only as urgent help given to a known client, and ends there when it was a mistake', () => {
  expect(planEntries(after(triaged('emergency'), urgentHelp()).state!)).toEqual([]);
  expect(planEntries(after(linked(), triaged('routine')).state!)).toEqual([]);
  const [entry] = planEntries(after(triaged('emergency'), urgentHelp(), linked()).state!);
  expect(entry).toMatchObject({ entryId: 'h1', clientId: 'c1', kind: 'service', phase: 'ended', reason: { code: 'resolved' }, actions: [{ end: time(10), status: 'done' }] });
  expect(planEntries(after(triaged('emergency'), urgentHelp(), linked(), wrong).state!)).toMatchObject([{ entryId: 'h1', phase: 'ended', reason: { code: 'entered-in-error' } }]);
});
