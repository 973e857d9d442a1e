import type { ConsentState, ConsentTerms, DataClass } from '@opora/contracts';

/** What one record says of the person. */
export type Said = Omit<ConsentState, 'version' | 'recordedAt'>;

/** Whether the record's last word on this sharing is no. Sharing on another ground than consent is stopped only by a no to that ground. */
const saysNo = ({ consents }: Said, { purpose, legalBasis }: ConsentTerms, recipient: string, dataClass: DataClass): boolean => {
  const word = consents.findLast((terms) => terms.purpose === purpose && terms.recipients.includes(recipient) && terms.dataClasses.includes(dataClass)
    && (terms.status === 'given' ? terms.legalBasis === legalBasis : (terms.status === 'refused' || terms.status === 'withdrawn') && (legalBasis === 'consent' || terms.legalBasis === legalBasis)));
  return word !== undefined && word.status !== 'given';
};

/** What is left of a consent beside the person's other records: without whatever one of them refuses. In pieces when recipients are left with different classes. */
export const narrowed = (terms: ConsentTerms, others: readonly Said[]): ConsentTerms[] => {
  if (terms.status !== 'given') return [terms];
  const pieces = new Map<string, ConsentTerms>();
  for (const recipient of terms.recipients) {
    const dataClasses = terms.dataClasses.filter((dataClass) => !others.some((other) => saysNo(other, terms, recipient, dataClass)));
    if (dataClasses.length > 0) pieces.set(dataClasses.join(), { ...terms, recipients: [...(pieces.get(dataClasses.join())?.recipients ?? []), recipient], dataClasses });
  }
  return [...pieces.values()];
};

/**
 * What a record says of a person who has others too. The narrower consent holds. Whoever cares for one record cares for the person,
 * whoever is barred from one is barred from all, and whoever is barred cares for nobody. Aliases and the key stay the record's own.
 */
export const asOnePerson = (own: Said, others: readonly Said[]): Said => {
  if (others.length === 0) return own;
  const records = [own, ...others];
  const all = <T>(of: (record: Said) => readonly T[] | undefined): T[] => [...new Set(records.flatMap((record) => of(record) ?? []))];
  const told = (field: keyof Said): boolean => records.some((record) => record[field] !== undefined);
  return {
    ...own,
    consents: records.flatMap((record) => record.consents.flatMap((terms) => narrowed(terms, records.filter((other) => other !== record)))),
    ...(told('team') && { team: all(({ team }) => team).filter((member) => !records.some(({ barred }) => barred?.subjects.includes(member))).slice(0, 200) }),
    ...(told('barred') && { barred: { subjects: all(({ barred }) => barred?.subjects), clients: all(({ barred }) => barred?.clients) } }),
    ...(told('hidden') && { hidden: records.some(({ hidden }) => hidden === true) }),
    ...(told('openings') && { openings: all(({ openings }) => openings) }),
  };
};
