import type { ConsentState, DataClass } from '@opora/contracts';
import type { Actor } from './actor.js';
import { Policies, policyText } from './policies.js';
import { standingOf } from './standing.js';

const at = '2026-03-01T09:30:00.000Z';
const classes: DataClass[] = ['D0', 'D1', 'D2', 'D3'];
const shared = (recipient: string, ...dataClasses: DataClass[]): ConsentState => ({
  clientId: 'anna', version: 1, recordedAt: at, aliases: ['anna-before'],
  consents: [{ consentId: 'k', status: 'given', purpose: 'coordination', recipients: [recipient], dataClasses, legalBasis: 'consent', from: '2026-01-01T00:00:00.000Z' }],
});
const everything = (recipient: string) => shared(recipient, ...classes);
const referralOnly: ConsentState = { ...everything('centre'), consents: [{ ...everything('centre').consents[0]!, purpose: 'referral' }] };

const client = (clientId: string, ...merged: string[]): Actor => ({ sub: clientId, agency: 'bureau', roles: ['client'], channel: 'interactive', clientId, clientIds: [clientId, ...merged] });
const staff = (agency: string, ...roles: string[]): Actor => ({ sub: 'worker-1', agency, roles, channel: 'interactive' });

/** Anna’s record, kept by legal aid at the bureau: who may read which classes of it. */
const table: [string, Actor, ConsentState | undefined, DataClass[]][] = [
  ['the client herself', client('anna'), undefined, classes],
  ['the client under an id merged into hers', client('anna-before', 'anna'), everything('nobody'), classes],
  ['the client under a merged id that nobody told us of', client('anna-before'), everything('nobody'), []],
  ['another client, even of the same agency', client('boris'), everything('bureau'), []],
  ['a client whose token names no client', { sub: 'x', agency: 'bureau', roles: ['client'], channel: 'interactive' }, everything('bureau'), []],
  ['staff of the bureau', staff('bureau', 'counsellor'), undefined, ['D0', 'D1', 'D2']],
  ['the bureau’s own legal aid', staff('bureau', 'legal-aid:practitioner'), undefined, classes],
  ['the bureau’s rehabilitation', staff('bureau', 'rehabilitation:practitioner'), everything('bureau'), ['D0', 'D1', 'D2']],
  ['a module of the bureau with a name that begins alike', staff('bureau', 'legal-aid-2:practitioner', 'legal:practitioner'), undefined, ['D0', 'D1', 'D2']],
  ['the bureau’s supervisor and administrator', staff('bureau', 'supervisor', 'admin'), everything('bureau'), ['D0', 'D1', 'D2']],
  ['another agency without consent', staff('centre', 'counsellor'), undefined, []],
  ['another agency’s legal aid without consent', staff('centre', 'legal-aid:practitioner'), undefined, []],
  ['another agency’s administrator', staff('centre', 'admin', 'supervisor', 'auditor'), undefined, []],
  ['another agency with consent for everything', staff('centre', 'counsellor'), everything('centre'), ['D0', 'D1', 'D2']],
  ['another agency’s legal aid with consent for everything', staff('centre', 'legal-aid:practitioner'), everything('centre'), ['D0', 'D1', 'D2']],
  ['another agency with consent for personal data only', staff('centre', 'counsellor'), shared('centre', 'D1'), ['D1']],
  ['another agency with consent to refer, not to read', staff('centre', 'counsellor'), referralOnly, []],
  ['a third agency, the consent being another’s', staff('elsewhere', 'counsellor'), everything('centre'), []],
  ['staff without any role', staff('centre'), undefined, []],
];

const policies = new Policies('legal-aid', policyText('legal-aid'));

describe('Who may read a plan entry', () => {
  it.each(table.flatMap(([who, actor, consents, readable]) => classes.map((dataClass) => [who, dataClass, readable.includes(dataClass), actor, consents] as const)))(
    '%s, %s: %p', (_, dataClass, expected, actor, consents) => {
      const label = { clientId: 'anna', agency: 'bureau', module: 'legal-aid', dataClass };
      const purpose = actor.roles.includes('client') ? 'self' : 'care';
      expect(policies.decide({ actor, purpose }, 'entry.read', label, standingOf(actor, label, consents, at)).allowed).toBe(expected);
    });
});

describe('Who may do anything of a kind at all', () => {
  it.each<[string, string, boolean]>([
    ['legal-aid:practitioner', 'matter.list', true],
    ['rehabilitation:practitioner', 'matter.list', false],
    ['practitioner', 'matter.list', false],
    ['counsellor', 'matter.list', false],
    ['counsellor', 'referral.read', true],
    ['Counsellor', 'referral.read', false],
    ['admin', 'law.take-in', true],
    ['legal-aid:admin', 'law.take-in', false],
    ['staff', 'rule.list', false],
  ])('%s, %s: %p', (role, action, expected) => {
    expect(policies.conceivable({ actor: staff('bureau', role), purpose: 'care' }, action).allowed).toBe(expected);
  });
});
