import { calculateJwkThumbprint, CompactSign, compactVerify, errors, exportJWK, importJWK, type JWK } from 'jose';
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';

/** "Row `seq` has this hash", signed. Numbered without gaps, so that none can go missing unseen. */
export interface Checkpoint {
  readonly service: string;
  readonly number: number;
  readonly seq: number;
  /** base64url */
  readonly hash: string;
  readonly at: string;
}

export interface SigningKey {
  readonly secret: KeyObject;
  /** With `kid`, its thumbprint (RFC 7638). */
  readonly published: JWK & { readonly kid: string };
}

/** Ed25519, PKCS #8, PEM. Throws an error that does not quote it. */
export const signingKey = async (pem: string): Promise<SigningKey> => {
  const secret = readKey(pem);
  if (secret?.asymmetricKeyType !== 'ed25519') throw new Error('AUDIT_KEY must be an Ed25519 private key (PEM, PKCS #8)');
  const jwk = await exportJWK(createPublicKey(secret));
  const kid = await calculateJwkThumbprint(jwk);
  return { secret, published: { ...jwk, kid, alg: 'EdDSA', use: 'sig' } };
};

const readKey = (pem: string): KeyObject | undefined => {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
};

export const makeSigningKey = (): string => generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;

export const sign = (checkpoint: Checkpoint, { secret, published }: SigningKey): Promise<string> =>
  new CompactSign(Buffer.from(JSON.stringify(checkpoint))).setProtectedHeader({ alg: 'EdDSA', kid: published.kid }).sign(secret);

export const publicKeyOf = async (pem: string): Promise<JWK> => (await signingKey(pem)).published;

/** Without looking at the signature. */
export const payloadOf = (jws: string): Checkpoint => JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString()) as Checkpoint;

/** Whose trail a checkpoint says it is about; undefined when it is none. */
export const serviceOf = (jws: string): string | undefined => {
  try {
    const { service } = payloadOf(jws);
    return typeof service === 'string' ? service : undefined;
  } catch {
    return undefined;
  }
};

/** The checkpoint, if one of these keys signed it. */
export const checked = async (jws: string, keys: readonly JWK[]): Promise<Checkpoint | undefined> => {
  try {
    const { payload } = await compactVerify(jws, async ({ kid }) => {
      const key = keys.find((one) => one.kid === kid && one.kty === 'OKP' && one.crv === 'Ed25519');
      if (!key) throw new errors.JWKSNoMatchingKey();
      return importJWK(key, 'EdDSA');
    }, { algorithms: ['EdDSA'] });
    return JSON.parse(Buffer.from(payload).toString()) as Checkpoint;
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof SyntaxError) return undefined;
    throw error;
  }
};
