import { DomainError } from '@opora/domain';
import type { Contact, Described, Person, Told } from './person.js';
import { hasSafeAddress } from './safe-contact.js';

/** Parts of a record that not every reader of the record is shown: a safe address, the code words of contacts. */
export type Withheld = 'address' | 'code-word';

interface Shown { readonly withheld?: boolean }

/** As a reader is shown it. That there is an address is no secret; where it is, is. */
export const shownTo = (withheld: ReadonlySet<Withheld>, { address, contacts, ...person }: Person) => ({
  ...person,
  address: withheld.has('address') && address.value?.class === 'safe' ? { status: address.status, withheld: true } : address,
  contacts: withheld.has('code-word') ? contacts.map(({ codeWord: _, ...contact }) => contact) : contacts,
});

/** Whose description replaces the record may not have been shown all of it: that part stays as it is. */
export const keepingWithheld = (
  withheld: ReadonlySet<Withheld>, sent: Described & { address?: Told<NonNullable<Person['address']['value']>> & Shown }, known?: Person,
): Described => {
  const { address, contacts = [], ...others } = sent;
  const unseen = withheld.has('address') && known !== undefined && hasSafeAddress(known);
  if (unseen && address !== undefined && !address.withheld) {
    throw new DomainError('forbidden', 'address-withheld', 'The care team keeps this address; leave it out, and ask them to change it');
  }
  const kept = known !== undefined && (unseen || address?.withheld) ? known.address : address && { status: address.status, ...(address.value && { value: address.value }) };
  const codeWordOf = ({ kind, value }: Contact) => known?.contacts.find((one) => one.kind === kind && one.value === value)?.codeWord;
  const words = (contact: Contact): Contact => {
    const codeWord = contact.codeWord ?? (withheld.has('code-word') ? codeWordOf(contact) : undefined);
    return { ...contact, ...(codeWord !== undefined && { codeWord }) };
  };
  return { ...others, ...(kept && { address: kept }), contacts: contacts.map(words) };
};
