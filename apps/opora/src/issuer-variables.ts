import { Type } from 'typebox';

/** What the development issuer reads from its environment. */
export const IssuerVariables = Type.Object({
  HOST: Type.String({ default: '127.0.0.1', description: 'Address to listen at; 0.0.0.0 in a container' }),
  PORT: Type.Integer({ default: 3000, minimum: 0, maximum: 65_535, description: 'Port to listen at; 0 takes any' }),
  TOKEN_ISSUER: Type.Optional(Type.String({ pattern: '^https?://', description: 'The `iss` of its tokens; its own address unless said' })),
  TOKEN_AUDIENCE: Type.String({ default: 'opora', description: 'The `aud` of its tokens' }),
  KEY_FILE: Type.Optional(Type.String({ description: 'Where its key is kept; without, each start has another' })),
});
