import { canonical } from '@opora/contracts';
import { createHash } from 'node:crypto';
import type { Seen } from '../seen.js';

const KEEPABLE = /^[\x21-\x7e]{1,200}$/;
/** As the subjects of tokens are; headers and tokens may hold anything. */
const NAME = /^[A-Za-z0-9._:@|/-]{1,120}$/;

/** A text that could be a forged line or a sentence is kept as its hash: whoever knows the text can still find it. */
const as = (form: RegExp, text: string): string => (form.test(text) ? text : `sha256:${createHash('sha256').update(text).digest('base64url')}`);

export const keptName = (text: string): string => as(NAME, text);

const kept = (text: string): string => as(KEEPABLE, text);

/** What a row holds: nothing but these fields, whatever else is handed in. */
export const contentOf = (seen: Seen): Seen => ({
  at: kept(seen.at),
  requestId: keptName(seen.requestId),
  subject: keptName(seen.subject),
  agency: keptName(seen.agency),
  roles: seen.roles.map(keptName),
  ...(seen.onBehalfOf !== undefined && { onBehalfOf: keptName(seen.onBehalfOf) }),
  purpose: kept(seen.purpose) as Seen['purpose'],
  action: kept(seen.action),
  clientIds: seen.clientIds.map(keptName),
  resources: seen.resources.map(kept),
  hidden: seen.hidden.map(kept),
  decision: seen.decision,
  policies: seen.policies.map(kept),
  policyVersion: kept(seen.policyVersion),
});

/** The text that is hashed. The database keeps it as jsonb, from which the same text comes again. */
export const entryOf = (seen: Seen): string => canonical(contentOf(seen));

/** SHA-256 of the previous row's hash (nothing before the first row) and of the row's text. */
export const linkOf = (previous: Buffer, entry: string): Buffer => createHash('sha256').update(previous).update(entry, 'utf8').digest();
