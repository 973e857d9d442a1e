import { compactedTopics, topics } from '@opora/contracts';
import { DomainError } from '@opora/domain';
import { createCipheriv, createDecipheriv, createSecretKey, hash, type KeyObject } from 'node:crypto';
import type { BrokerRecord } from './broker.js';
import type { Database } from './database.js';

const METHOD = 'A256GCM';
const NONCE = 12;
const TAG = 16;

/** What has to be known first is on its way, on another topic. */
export class NotHeardYet extends Error {
  constructor(what: string) {
    super(`${what} is not known yet`);
    this.name = 'NotHeardYet';
  }
}

/** Three times as fast as a cipher with the bytes themselves. */
const secret = (key: string): KeyObject => createSecretKey(key, 'base64url');

const boundTo = ({ ce_id: id, ce_type: type }: BrokerRecord['headers']): Buffer => Buffer.from(`${id} ${type}`);

export const isSealed = ({ headers }: Pick<BrokerRecord, 'headers'>): boolean => headers['ce_sealed'] !== undefined;

/**
 * AES-256-GCM: 12 bytes of nonce, the data, 16 bytes of tag; bound to the event's id and type. The nonce is a hash of key, event and
 * data: a fact that is sent again is the same to the last byte, and no two facts share one. `key`: base64url, 256 bits.
 */
export const seal = (record: BrokerRecord, key: string): BrokerRecord => {
  if (record.value === null) return record;
  const bound = boundTo(record.headers);
  const nonce = hash('sha256', Buffer.concat([Buffer.from(`nonce ${key} `), bound, record.value]), 'buffer').subarray(0, NONCE);
  const cipher = createCipheriv('aes-256-gcm', secret(key), nonce).setAAD(bound);
  const value = Buffer.concat([nonce, cipher.update(record.value), cipher.final(), cipher.getAuthTag()]);
  return { ...record, headers: { ...record.headers, 'content-type': 'application/octet-stream', ce_sealed: METHOD }, value };
};

/** Refuses what was sealed in another way, with another key, or for another event. */
export const open = <R extends BrokerRecord>(record: R, key: string): R => {
  const { ce_sealed: method, ...headers } = record.headers;
  const broken = () => new DomainError('invalid', 'seal-broken', 'The data cannot be opened with the person’s key');
  if (method !== METHOD || record.value === null || record.value.length < NONCE + TAG) throw broken();
  try {
    const decipher = createDecipheriv('aes-256-gcm', secret(key), record.value.subarray(0, NONCE)).setAAD(boundTo(headers)).setAuthTag(record.value.subarray(-TAG));
    return { ...record, headers: { ...headers, 'content-type': 'application/json' }, value: Buffer.concat([decipher.update(record.value.subarray(NONCE, -TAG)), decipher.final()]) };
  } catch {
    throw broken();
  }
};

const readable = new Set([...compactedTopics, topics.erasures.name]);

/**
 * The record as its speaker wrote it, or `erased` when it is about somebody who is. Throws NotHeardYet until the person's key is heard.
 * Values of compacted topics are never sealed; and everybody must be able to hear of an erasure.
 */
export const plainOf = async <R extends BrokerRecord>(database: Database, record: R): Promise<R | 'erased'> => {
  if (readable.has(record.topic)) return record;
  const [person] = await database.query<{ key: string | null; erased: boolean }>(
    `select body->>'key' as key, body is null as erased from head where topic = $1 and key = $2`, [topics.consents.name, record.key]);
  if (person?.erased) return 'erased';
  if (!isSealed(record)) return record;
  if (!person?.key) throw new NotHeardYet('The person’s key');
  return open(record, person.key);
};
