import { Type } from 'typebox';

/** What legal aid alone reads from its environment. */
export const Variables = Type.Object({
  LEGAL_AID_CLIENTS_MATCH_AT: Type.Optional(Type.String({ pattern: '^https?://[^?#\\s]+[^/?#\\s]$', description: 'Where `clients:match` is asked of whoever knows the clients: address and path before it; without it nobody is asked' })),
  LEGAL_AID_LAW_KEYS: Type.String({ default: '{}', pattern: '^\\{', description: 'Whose signatures rule packs and calendars need: a JSON object, publisher → JSON Web Key Set' }),
});
