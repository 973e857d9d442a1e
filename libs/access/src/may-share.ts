import type { ConsentState, DataClass, Purpose } from '@opora/contracts';
import type { Instant } from '@opora/domain';

/**
 * Whether a person's data of this class may go to this agency for this purpose at this moment. What nobody has said is no:
 * no consent state yet means no.
 */
export const mayShare = (
  consents: ConsentState | undefined, purpose: Purpose, recipient: string, dataClass: DataClass, at: Instant,
): boolean =>
  consents?.consents.some((consent) =>
    consent.status === 'given'
    && consent.purpose === purpose
    && consent.recipients.includes(recipient)
    && consent.dataClasses.includes(dataClass)
    && consent.from <= at
    && (consent.until === undefined || at < consent.until)) ?? false;
