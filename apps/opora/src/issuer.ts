import { startDevelopmentIssuer } from '@opora/access';
import { ConfigurationError, readConfiguration } from '@opora/service';
import { IssuerVariables } from './issuer-variables.js';

/** Tokens for trying a region out. Never in production: it gives them to anyone. */
try {
  const { HOST: host, PORT: port, TOKEN_ISSUER: name, TOKEN_AUDIENCE: audience, KEY_FILE: keyFile } = readConfiguration(IssuerVariables, process.env);
  const issuer = await startDevelopmentIssuer({ host, port, audience, ...(name && { name }), ...(keyFile && { keyFile }) });
  console.log(`Tokens of ${issuer.issuer}: POST /tokens, GET /jwks`);
  const stop = () => void issuer.close().then(() => process.exit(0));
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
} catch (error) {
  console.error(error instanceof ConfigurationError ? error.mistakes.join('\n') : error);
  process.exit(1);
}
