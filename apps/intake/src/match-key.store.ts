import { Injectable } from '@nestjs/common';
import { Database } from '@opora/messaging';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type CryptoKey, type JWK } from 'jose';

export interface MatchKey {
  readonly secret: CryptoKey;
  readonly published: JWK;
}

/** With which answers of `clients:match` are signed: one key for all instances, made by whoever needs it first. */
@Injectable()
export class MatchKeys {
  private kept: Promise<MatchKey> | undefined;

  constructor(private readonly database: Database) {}

  current(): Promise<MatchKey> {
    this.kept ??= this.load().catch((error: unknown) => {
      this.kept = undefined;
      throw error;
    });
    return this.kept;
  }

  private async load(): Promise<MatchKey> {
    const made = await exportJWK((await generateKeyPair('ES256', { extractable: true })).privateKey);
    await this.database.query('insert into match_key (jwk) values ($1) on conflict do nothing', [JSON.stringify(made)]);
    const [row] = await this.database.query<{ jwk: JWK }>('select jwk from match_key');
    const { kty, crv, x, y } = row!.jwk as Required<JWK>;
    const kid = await calculateJwkThumbprint({ kty, crv, x, y });
    return { secret: await importJWK(row!.jwk, 'ES256') as CryptoKey, published: { kty, crv, x, y, alg: 'ES256', use: 'sig', kid } };
  }
}
