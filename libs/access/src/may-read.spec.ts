import type { ConsentState, DataClass } from '@opora/contracts';
import { holds, type Actor } from './actor.js';
import { mayRead } from './may-read.js';

const at = '2026-03-01T09:30:00.000Z';
const classes: DataClass[] = ['D0', 'D1', 'D2', 'D3'];
const shared = (recipient: string, ...dataClasses: DataClass[]): ConsentState => ({
  clientId: 'anna', version: 1, recordedAt: at, aliases: ['anna-before'],
  consents: [{ consentId: 'k', status: 'given', purpose: 'coordination', recipients: [recipient], dataClasses, legalBasis: 'consent', from: '2026-01-01T00:00:00.000Z' }],
});
const everything = (recipient: string) => shared(recipient, ...classes);
const referralOnly: ConsentState = { ...everything('centre'), consents: [{ ...everything('centre').consents[0]!, purpose: 'referral' }] };

const client = (clientId: string): Actor => ({ sub: clientId, agency: 'bureau', roles: ['client'], clientId });
const staff = (agency: string, ...roles: string[]): Actor => ({ sub: 'worker-1', agency, roles });

/** Anna’s record, kept by legal aid at the bureau: who may read which classes of it. */
const table: [string, Actor, ConsentState | undefined, DataClass[]][] = [
  ['the client herself', client('anna'), undefined, classes],
  ['the client under an id merged into hers', client('anna-before'), everything('nobody'), classes],
  ['the client under a merged id that nobody told us of', client('anna-before'), undefined, []],
  ['another client, even of the same agency', client('boris'), everything('bureau'), []],
  ['a client whose token names no client', { sub: 'x', agency: 'bureau', roles: ['client'] }, everything('bureau'), []],
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

describe('mayRead', () => {
  it.each(table.flatMap(([who, actor, consents, readable]) => classes.map((dataClass) => [who, dataClass, readable.includes(dataClass), actor, consents] as const)))(
    '%s, %s: %p', (_, dataClass, expected, actor, consents) => {
      expect(mayRead(actor, { clientId: 'anna', agency: 'bureau', module: 'legal-aid', dataClass }, consents, at)).toBe(expected);
    });
});

describe('holds', () => {
  it.each<[string, Parameters<typeof holds>[1], string, boolean]>([
    ['counsellor', 'counsellor', 'legal-aid', true],
    ['counsellor', 'supervisor', 'legal-aid', false],
    ['legal-aid:practitioner', 'practitioner', 'legal-aid', true],
    ['rehabilitation:practitioner', 'practitioner', 'legal-aid', false],
    ['practitioner', 'practitioner', 'legal-aid', false],
    ['legal-aid:admin', 'admin', 'legal-aid', false],
    ['Counsellor', 'counsellor', 'legal-aid', false],
  ])('%s as %s in %s: %p', (role, wanted, module, expected) => {
    expect(holds(staff('bureau', role), wanted, module)).toBe(expected);
  });
});
