import { connect, OperatorError } from '@opora/postgres';
import { ConfigurationError, readConfiguration } from '@opora/service';
import { parseArgs } from 'node:util';
import { AuditVerifyVariables } from './audit/variables.js';
import { oneMachine } from './audit/one-machine.js';
import { verifyAll } from './audit/verify-all.js';
import { inFile, inKafka, inOtherSchemas, keysIn } from './audit/witnesses.js';

/** Ends with 0 when every trail is whole, 1 when one is not, 2 when that could not be found out. */
const options = { service: { type: 'string', multiple: true }, keys: { type: 'string', multiple: true }, witness: { type: 'string', multiple: true } } as const;
const usage = 'Usage: npm run audit:verify -- [--service <name>]… [--keys <JSON Web Key Set>]… [--witness <log or other file with checkpoints>]…';

try {
  const { values: { service, keys: keyFiles, witness = [] } } = parseArgs({ options });
  const { DATABASE_URL: url, OPORA_FOLDER } = readConfiguration(AuditVerifyVariables, process.env);
  const { databaseUrl, logs, keys } = url === undefined ? await oneMachine(OPORA_FOLDER) : { databaseUrl: url, logs: [], keys: undefined };
  const client = await connect(databaseUrl, 'DATABASE_URL');
  try {
    const witnesses = [...[...logs, ...witness].flatMap(inFile), ...await inOtherSchemas(client), ...await inKafka(process.env)];
    const whole = await verifyAll({ client, services: service, keys: keyFiles ? keysIn(keyFiles) : keys, witnesses }, (line) => console.log(line));
    process.exitCode = whole ? 0 : 1;
  } finally {
    await client.end();
  }
} catch (error) {
  const { code, message } = error as { code?: unknown; message?: string };
  console.error(error instanceof ConfigurationError ? error.mistakes.join('\n') : error instanceof OperatorError ? error.message : String(code).startsWith('ERR_PARSE_ARGS') ? `${message}\n${usage}` : error);
  process.exitCode = 2;
}
