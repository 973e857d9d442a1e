import { OperatorError } from '@opora/postgres';
import { ConfigurationError, startTracing } from '@opora/service';
import { configuration } from './configuration.js';
import { Folder } from './folder.js';
import { welcome } from './welcome.js';
import { startSystem, type System } from './system.js';

/** What an operator can mend is said in one line each; anything else is ours and shows where. */
const fail = (error: unknown): never => {
  if (error instanceof ConfigurationError) console.error(`The configuration is wrong:\n${error.mistakes.map((mistake) => `  ${mistake}`).join('\n')}`);
  else if (error instanceof OperatorError) console.error(error.message);
  else console.error(error);
  process.exit(1);
};

let system: System | undefined;
let stopping = false;
let stopTracing = async (): Promise<void> => undefined;

const stop = async (): Promise<void> => {
  if (stopping) return;
  stopping = true;
  console.log('\nStopping …');
  // A stop that hangs must not keep the terminal: Postgres ends with this process.
  setTimeout(() => process.exit(1), 10_000).unref();
  await system?.close();
  await stopTracing();
  process.exit(0);
};

process.on('SIGINT', () => void stop());
process.on('SIGTERM', () => void stop());

try {
  const config = configuration(process.env);
  const folder = new Folder(config.OPORA_FOLDER);
  stopTracing = await startTracing('opora', process.env);
  system = await startSystem(config, folder, (line) => console.log(line));
  if (stopping) await system.close();
  else await welcome(config, folder, system);
} catch (error) {
  await system?.close();
  if (!stopping) fail(error);
}
