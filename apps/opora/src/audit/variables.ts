import { Type } from 'typebox';
import { OneProcessVariables } from '../configuration.js';

/** What `npm run audit:verify` reads from its environment, beside Kafka's. */
export const AuditVerifyVariables = Type.Object({
  DATABASE_URL: Type.Optional(Type.String({ pattern: '^postgres(ql)?://', description: 'A login that may read the trails: a service’s own for that service, a superuser’s for all. Left out: what `npm start` runs in `OPORA_FOLDER`' })),
  OPORA_FOLDER: OneProcessVariables.properties.OPORA_FOLDER,
});
