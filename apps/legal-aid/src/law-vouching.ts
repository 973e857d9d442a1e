import { hashOf } from '@opora/contracts';
import { DomainError } from '@opora/domain';
import { compactVerify, createLocalJWKSet, type JSONWebKeySet } from 'jose';
import type { LawDocument } from './domain/law.js';

/** What comes beside a document to show that it is the source's own: the hash that the source published, or its signature of that hash. */
export interface Voucher { readonly sha256?: string; readonly signature?: string }

const unvouched = (pointer: string, code: string, message: string): DomainError => new DomainError('invalid', code, message, [{ pointer, code, detail: message }]);

/**
 * Where operations configured the keys of a publisher (publisher → JWKS), its documents need a signature: a compact JWS whose
 * payload is the SHA-256, in hex, of the document as JSON with sorted keys. Others need that hash, as their source tells it another way.
 */
export const vouch = async (document: LawDocument, { sha256, signature }: Voucher, keysOf: string): Promise<'signed' | 'hash'> => {
  const hash = hashOf(document);
  const keys = (JSON.parse(keysOf) as Record<string, JSONWebKeySet>)[document.source.publisher];
  if (keys) {
    if (signature === undefined) throw unvouched('/signature', 'signature-needed', 'This publisher signs its documents; send the signature');
    const { payload } = await compactVerify(signature, createLocalJWKSet(keys), { algorithms: ['ES256', 'EdDSA', 'PS256'] })
      .catch(() => { throw unvouched('/signature', 'signature-invalid', 'The signature is not the publisher’s, or not of this document'); });
    if (Buffer.from(payload).toString() !== hash) throw unvouched('/signature', 'signature-invalid', 'The signature is not the publisher’s, or not of this document');
    return 'signed';
  }
  if (sha256 === undefined) throw unvouched('/sha256', 'hash-needed', 'Send the SHA-256 that the source tells of its document');
  if (sha256 !== hash) throw unvouched('/sha256', 'hash-differs', 'The document is not the one that the source tells of');
  return 'hash';
};
