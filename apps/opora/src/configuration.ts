import { Type, type Static } from 'typebox';
import { readConfiguration } from '@opora/service';

/** What one process with all services reads from its environment. */
export const OneProcessVariables = Type.Object({
  OPORA_FOLDER: Type.String({ default: '.opora', description: 'Where data, secrets and logs live' }),
  OPORA_PORT: Type.Integer({ default: 3000, minimum: 1024, maximum: 65_500, description: 'The gateway; the services, the event door and the development issuer take the ports after it' }),
  OPORA_SERVICES: Type.String({ default: 'intake,counselling,legal-aid', pattern: '^((intake|counselling|legal-aid)(,(intake|counselling|legal-aid))*)?$', description: 'Which services run beside the gateway' }),
  OPORA_DEMO: Type.Enum(['first-start', 'never'], { default: 'first-start', description: 'Whether the first start plays the demo journey' }),
  OPORA_STALE_AFTER_MS: Type.Integer({ default: 60_000, minimum: 100, description: 'Silence of a module after which its plan section is called stale' }),
  OPORA_WATERMARK_EVERY_MS: Type.Integer({ default: 10_000, minimum: 100, description: 'How often a service says that everything is out' }),
  OPORA_UPSTREAMS: Type.String({ default: 'http://127.0.0.1:*', pattern: '^https?://[^/,\\s]+(,https?://[^/,\\s]+)*$', description: 'Addresses that the gateway may forward tokens to, comma-separated; * stands for a port' }),
  OPORA_CONSENT_IN_WRITING: Type.Optional(Type.String({ pattern: '^D[0-3](,D[0-3])*$', description: 'Data classes to which consent must be in writing, comma-separated; none unless said' })),
  OPORA_REQUESTS_PER_MINUTE: Type.Integer({ default: 60_000, minimum: 0, description: 'From one address, and of one subject; many, for everybody comes from this machine. 0: any number' }),
  OPORA_LAW_KEYS: Type.String({ default: '{}', pattern: '^\\{', description: 'Whose signatures legal documents need: a JSON object, publisher → JSON Web Key Set' }),
  OPORA_LOG_LEVEL: Type.Enum(['debug', 'info', 'warn', 'error'], { default: 'info', description: 'From which level on a line is written to `opora.log` in that folder; each is one JSON object' }),
  DATABASE_ADMIN_URL: Type.Optional(Type.String({ pattern: '^postgres(ql)?://', description: 'A PostgreSQL 18 to use instead of the embedded one' })),
});

export type Configuration = Static<typeof OneProcessVariables>;

export const configuration = (environment: NodeJS.ProcessEnv): Configuration => readConfiguration(OneProcessVariables, environment);
