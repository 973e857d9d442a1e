import { OperatorError } from '@opora/postgres';
import { ConfigurationError, kafkaAccess, readConfiguration } from '@opora/service';
import { ProvisionVariables } from './provision-variables.js';
import { provisionDatabase, provisionKafka } from './provisioning.js';
import { services } from './services.js';

try {
  const config = readConfiguration(ProvisionVariables, process.env);
  await provisionDatabase(config.DATABASE_ADMIN_URL, config.DATABASE_NAME, config.SECRETS_FOLDER);
  console.log(`${services.length} schemas with two logins each are in ${config.DATABASE_NAME}; their addresses lie under ${config.SECRETS_FOLDER}/<service>/`);
  const { made, rights } = await provisionKafka(kafkaAccess(config));
  console.log(rights === 'open' ? 'This Kafka keeps no rights: everybody who reaches it may read and write everything' : 'Each service may read what it hears and write what it says, and nothing else');
  console.log(made.length > 0 ? `${made.length} topics made: ${made.join(', ')}` : 'All topics were there; their settings are up to date');
} catch (error) {
  if (error instanceof ConfigurationError) console.error(`The configuration is wrong:\n${error.mistakes.map((mistake) => `  ${mistake}`).join('\n')}`);
  else if (error instanceof OperatorError) console.error(error.message);
  else console.error(error);
  process.exitCode = 1;
}
