import { startDevelopmentIssuer } from '@opora/access';
import { ConfigurationError, readConfiguration } from '@opora/service';
import { Type } from 'typebox';

/** Tokens for trying a region out. Never in production: it gives them to anyone. */
const Variables = Type.Object({
  HOST: Type.String({ default: '127.0.0.1', description: 'Address to listen at; 0.0.0.0 in a container' }),
  PORT: Type.Integer({ default: 3000, minimum: 0, maximum: 65_535 }),
  TOKEN_ISSUER: Type.Optional(Type.String({ pattern: '^https?://', description: 'The `iss` of its tokens; its own address unless said' })),
  TOKEN_AUDIENCE: Type.String({ default: 'opora' }),
  KEY_FILE: Type.Optional(Type.String({ description: 'Where its key is kept; without, each start has another' })),
});

try {
  const { HOST: host, PORT: port, TOKEN_ISSUER: name, TOKEN_AUDIENCE: audience, KEY_FILE: keyFile } = readConfiguration(Variables, process.env);
  const issuer = await startDevelopmentIssuer({ host, port, audience, ...(name && { name }), ...(keyFile && { keyFile }) });
  console.log(`Tokens of ${issuer.issuer}: POST /tokens, GET /jwks`);
  const stop = () => void issuer.close().then(() => process.exit(0));
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
} catch (error) {
  console.error(error instanceof ConfigurationError ? error.mistakes.join('\n') : error);
  process.exit(1);
}
