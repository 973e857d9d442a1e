import { Type, type Static } from 'typebox';
import { Id, closed } from './values.js';

/**
 * `POST /v1/<module>/clients:match`, with the asker's own token: whether any of these names may be a client's. Answered with a signed word, never
 * with a person: `answer` is a compact JWS of ClientsMatchClaims by a key of `GET /v1/<module>/match-keys`.
 */
export const ClientsMatchRequest = Type.Object({
  purpose: Type.Enum(['conflict-check']),
  names: Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { minItems: 1, maxItems: 50 }),
  nonce: Type.String({ minLength: 16, maxLength: 80, pattern: '^[A-Za-z0-9-]+$', description: 'Binds the answer to this question, and hides the names in its hash' }),
  except: Type.Optional(Id),
}, closed);
export type ClientsMatchRequest = Static<typeof ClientsMatchRequest>;

export const ClientsMatchAnswer = Type.Object({ answer: Type.String({ maxLength: 2000, pattern: '^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$' }) }, closed);
export type ClientsMatchAnswer = Static<typeof ClientsMatchAnswer>;

/** Beside `iss`, `iat` and `exp`. `asked` is the SHA-256 of the request as JSON with sorted keys. */
export interface ClientsMatchClaims { readonly purpose: 'conflict-check'; readonly result: 'none' | 'possible'; readonly asked: string }

export const clientsMatchIssuer = 'urn:opora:clients-match';
