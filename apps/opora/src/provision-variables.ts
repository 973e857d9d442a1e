import { KafkaVariables } from '@opora/service';
import { Type } from 'typebox';

/** What `npm run provision` reads from its environment. */
export const ProvisionVariables = Type.Object({
  DATABASE_ADMIN_URL: Type.String({ pattern: '^postgres(ql)?://', description: 'A login that may create roles, schemas and the database' }),
  DATABASE_NAME: Type.String({ default: 'opora', pattern: '^[a-z][a-z0-9_]{0,62}$', description: 'Created when missing' }),
  SECRETS_FOLDER: Type.String({ default: '.opora/secrets', description: 'Each service’s addresses and passwords are put into a folder of its own here: `<service>/database-url`, `<service>/database-owner-url`, `<service>/audit-key`' }),
  ...KafkaVariables.properties,
});
