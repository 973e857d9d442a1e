import { DomainError } from '@opora/domain';
import { describedPerson, type Contact, type Described } from './person.js';
import { permittedContact } from './safe-contact.js';
import { keepingWithheld, shownTo } from './withholding.js';

const person = (input: Described) => describedPerson({ anonymous: true, ...input }, '2026-03-02');
const phone = (more: Partial<Contact> = {}): Contact => ({ kind: 'phone', value: '1', safeToContact: true, ...more });
const mornings = { zone: 'Europe/Moscow', times: [{ days: ['mon', 'tue'] as const, from: '09:00', to: '12:00' }, { days: ['sun'] as const, from: '22:00', to: '24:00' }] };

describe('the permitted way of contact', () => {
  const now = '2026-03-02T09:00:00.000Z';
  const shown = (contacts: Contact[], at = now, more: Described = {}) => permittedContact(person({ contacts, ...more }), at);

  it('is the first that is safe, with what may be said and to whom, and without the code word', () => {
    const terms = { answeredBy: 'self', maySay: 'callback-only' } as const;
    expect(shown([phone({ safeToContact: false }), { ...phone(), kind: 'email', value: 'a@b', note: 'evenings', codeWord: 'lighthouse', ...terms }])).toEqual({ kind: 'email', value: 'a@b', ...terms });
    expect(shown([phone({ safeToContact: false })])).toBeNull();
  });

  it.each([
    ['Monday at nine there', '2026-03-02T06:00:00.000Z', true], ['a minute before', '2026-03-02T05:59:00.000Z', false], ['the last minute', '2026-03-02T08:59:59.999Z', true],
    ['noon there', '2026-03-02T09:00:00.000Z', false], ['Wednesday', '2026-03-04T06:00:00.000Z', false], ['Sunday before midnight there', '2026-03-01T20:59:00.000Z', true],
    ['midnight there', '2026-03-01T21:00:00.000Z', false],
  ])('keeps hours where the person is: %s', (_, at, permitted) => {
    expect(shown([phone({ hours: mornings })], at)).toEqual(permitted ? { kind: 'phone', value: '1' } : null);
  });

  it('is the next one outside the hours of the first', () => expect(shown([phone({ hours: mornings }), phone({ value: '2' })])).toMatchObject({ value: '2' }));

  it('never leads to a safe address', () => {
    const [post, visit] = [phone({ kind: 'post', value: 'Lane 1' }), phone({ kind: 'in-person', value: 'Lane 1' })];
    const address = (of: 'safe' | 'ordinary') => ({ address: { status: 'known', value: { text: 'Lane 1', class: of } } }) as const;
    expect(shown([post, visit], now, address('safe'))).toBeNull();
    expect(shown([post, visit, phone()], now, address('safe'))).toMatchObject({ kind: 'phone' });
    expect(shown([post], now, address('ordinary'))).toMatchObject({ kind: 'post' });
  });
});

it.each([
  ['Moscow', { from: '09:00', to: '10:00' }, '/contacts/0/hours/zone'], ['Europe/Moscow', { from: '22:00', to: '06:00' }, '/contacts/0/hours/times/0/to'],
])('refuses hours of %s %j', (zone, time, pointer) => {
  try {
    person({ contacts: [phone({ hours: { zone, times: [{ days: ['mon'], ...time }] } })] });
  } catch (error) {
    expect((error as DomainError).errors).toMatchObject([{ pointer }]);
  }
  expect.assertions(1);
});

describe('what is withheld', () => {
  const safe = { status: 'known', value: { text: 'Lane 1', class: 'safe' } } as const;
  const known = person({ address: safe, contacts: [phone({ codeWord: 'lighthouse' })] });
  const [all, none] = [new Set(['address', 'code-word'] as const), new Set<never>()];
  const refused = (run: () => unknown): string => {
    try {
      run();
    } catch (error) {
      return (error as DomainError).code;
    }
    return 'nothing';
  };

  it('is not shown', () => {
    expect(shownTo(all, known)).toMatchObject({ address: { status: 'known', withheld: true }, contacts: [{ value: '1' }] });
    expect(JSON.stringify(shownTo(all, known))).not.toMatch(/Lane|lighthouse/);
    expect(shownTo(none, known)).toEqual(known);
    const ordinary = { address: { status: 'known', value: { text: 'Lane 1' } } } as const;
    expect(shownTo(all, person(ordinary))).toMatchObject(ordinary);
  });

  it.each<[string, Described & { address?: { status: 'known'; withheld: true } }]>([
    ['as it was shown', { address: { status: 'known', withheld: true }, contacts: [phone()] }], ['without it', { contacts: [phone()] }],
  ])('stays when the record is sent back %s', (_, sent) => {
    expect(person(keepingWithheld(all, sent, known))).toEqual(known);
  });

  it('is not replaced unseen; who sees it may', () => {
    const moved = { address: { status: 'known', value: { text: 'Lane 2' } }, contacts: [] } as const;
    expect(refused(() => keepingWithheld(all, { ...moved, contacts: [] }, known))).toBe('address-withheld');
    expect(keepingWithheld(none, { ...moved, contacts: [phone()] }, known)).toEqual({ ...moved, contacts: [phone()] });
    expect(keepingWithheld(none, { address: { status: 'known', withheld: true } }, known).address).toEqual(safe);
  });

  it('is nothing in a record that has none', () => {
    expect(keepingWithheld(all, { address: { status: 'refused' } }, person({}))).toEqual({ address: { status: 'refused' }, contacts: [] });
    expect(refused(() => person(keepingWithheld(all, { address: { status: 'known', withheld: true } })))).toBe('invalid-request');
  });
});
