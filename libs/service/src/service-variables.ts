import type { KafkaOptions } from '@opora/messaging/kafka';
import type { TokenRules } from '@opora/access';
import { Type, type Static } from 'typebox';
import { ConfigurationError } from './configuration.js';
import type { ServiceSettings } from './definition.js';

/** What reaches Kafka; the provisioning reads the same. */
export const KafkaVariables = Type.Object({
  KAFKA_BROKERS: Type.String({ pattern: '^[^,\\s]+:\\d+(,[^,\\s]+:\\d+)*$', description: '`host:port` of some servers, comma-separated; they tell the others' }),
  KAFKA_TLS: Type.Boolean({ default: false, description: 'Whether the servers speak TLS' }),
  KAFKA_TLS_CA: Type.Optional(Type.String({ description: 'Certificate authority of the servers (PEM), where it is not a public one' })),
  KAFKA_TLS_CERTIFICATE: Type.Optional(Type.String({ description: 'Our certificate (PEM), where the servers ask for one' })),
  KAFKA_TLS_KEY: Type.Optional(Type.String({ description: 'Its key (PEM)' })),
  KAFKA_SASL_MECHANISM: Type.Optional(Type.Enum(['plain', 'scram-sha-256', 'scram-sha-512'], { description: 'How we log in; left out, we do not' })),
  KAFKA_SASL_USERNAME: Type.Optional(Type.String({ description: 'Our name there. The rights that provisioning grants are for a login that is called like the service' })),
  KAFKA_SASL_PASSWORD: Type.Optional(Type.String({ description: 'Our password there' })),
});

/** What every service reads from its environment. */
export const ServiceVariables = Type.Object({
  HOST: Type.String({ default: '127.0.0.1', description: 'Address to listen at; 0.0.0.0 in a container' }),
  PORT: Type.Integer({ default: 3000, minimum: 0, maximum: 65_535, description: 'Port to listen at; 0 takes any' }),
  BASE_URL: Type.Optional(Type.String({ pattern: '^https?://[^\\s]+$', description: 'Where the gateway reaches the service: one address for all its instances. Left out: HOST and PORT' })),
  DATABASE_URL: Type.String({ pattern: '^postgres(ql)?://', description: 'The service’s runtime login' }),
  DATABASE_OWNER_URL: Type.String({ pattern: '^postgres(ql)?://', description: 'The login that owns the schema, for migrations' }),
  DATABASE_POOL_SIZE: Type.Integer({ default: 10, minimum: 2, maximum: 200, description: 'Connections of one instance; three more lead the relay, write the audit trail and answer for its health' }),
  ...KafkaVariables.properties,
  TOKEN_ISSUER: Type.String({ pattern: '^https?://', description: 'Whose tokens are taken: their `iss`' }),
  TOKEN_JWKS_URI: Type.String({ pattern: '^https?://', description: 'Where the issuer publishes its keys' }),
  TOKEN_INTROSPECTION_URI: Type.Optional(Type.String({ pattern: '^https?://', description: 'Where the issuer says whether a token still stands (RFC 7662). Without it, what was revoked is good until it expires' })),
  TOKEN_INTROSPECTION_CLIENT: Type.String({ default: 'opora', description: 'As whom we ask there' }),
  TOKEN_INTROSPECTION_SECRET: Type.Optional(Type.String({ minLength: 16, description: 'Our secret there' })),
  TOKEN_AUDIENCE: Type.String({ default: 'opora', description: 'The `aud` that a token must name' }),
  AUDIT_KEY: Type.String({ pattern: '^-----BEGIN PRIVATE KEY-----', description: 'Signs the checkpoints of the audit trail: an Ed25519 private key (PEM, PKCS #8), the same for all instances' }),
  AGENCY: Type.String({ default: 'centre', pattern: '^[a-z0-9][a-z0-9-]{0,63}$', description: 'The agency whose offers the service carries' }),
  AGENCY_TITLE_EN: Type.Optional(Type.String({ maxLength: 200, description: 'What people call the agency, in English; its short name unless said' })),
  AGENCY_TITLE_RU: Type.Optional(Type.String({ maxLength: 200, description: 'The same in Russian' })),
  REQUESTS_PER_ADDRESS: Type.Integer({ default: 6_000, minimum: 0, description: 'Requests a minute from one address (IPv6: one /64), whoever asks; counted by each instance before tokens are looked at. 0: any number' }),
  REQUESTS_PER_SUBJECT: Type.Integer({ default: 1_200, minimum: 0, description: 'Requests a minute of one subject, with whatever tokens; counted by each instance. 0: any number' }),
  TRUSTED_PROXIES: Type.String({ default: 'loopback,uniquelocal', pattern: '^(none|[0-9A-Za-z.:/]+(,[0-9A-Za-z.:/]+)*)$', description: 'From whom `x-forwarded-for` is believed: addresses, networks, `loopback`, `uniquelocal`, or `none`. For a module: the gateway; for the gateway: the proxy before it, `none` where there is no proxy' }),
  HEADERS_TIMEOUT_MS: Type.Integer({ default: 10_000, minimum: 100, description: 'How long the headers of a request may take to arrive' }),
  REQUEST_TIMEOUT_MS: Type.Integer({ default: 60_000, minimum: 100, description: 'How long a whole request may take to arrive' }),
  CONNECTIONS: Type.Integer({ default: 5_000, minimum: 10, description: 'Open connections at once; more are closed as they come' }),
  DRAIN_MS: Type.Integer({ default: 3_000, minimum: 0, maximum: 5_000, description: 'How long a stopping service goes on answering while it is not ready any more: longer than a balancer takes to notice' }),
  WATERMARK_EVERY_MS: Type.Integer({ default: 10_000, minimum: 100, description: 'How often the service says that everything is out' }),
  LOG_LEVEL: Type.Enum(['debug', 'info', 'warn', 'error'], { default: 'info', description: 'From which level on a line is written; each is one JSON object on the standard output' }),
});

type Configuration = Static<typeof ServiceVariables>;

const titlesOf = ({ AGENCY_TITLE_EN: en, AGENCY_TITLE_RU: ru }: Configuration) => ((en ?? ru) === undefined ? {} : { agencyTitles: { en: (en ?? ru)!, ru: (ru ?? en)! } });

const tokenRules = (config: Configuration): TokenRules => {
  const { TOKEN_INTROSPECTION_URI: uri, TOKEN_INTROSPECTION_CLIENT: clientId, TOKEN_INTROSPECTION_SECRET: clientSecret } = config;
  if (uri !== undefined && clientSecret === undefined) throw new ConfigurationError(['TOKEN_INTROSPECTION_URI needs TOKEN_INTROSPECTION_SECRET']);
  const introspection = uri === undefined ? undefined : { uri, clientId, clientSecret: clientSecret! };
  return { issuers: [{ issuer: config.TOKEN_ISSUER, jwksUri: config.TOKEN_JWKS_URI, introspection }], audience: config.TOKEN_AUDIENCE };
};

export const settingsOf = (config: Configuration, environment: NonNullable<ServiceSettings['environment']>): ServiceSettings => ({
  host: config.HOST, port: config.PORT, ...(config.BASE_URL && { baseUrl: config.BASE_URL.replace(/\/$/, '') }),
  databaseUrl: config.DATABASE_URL, ownerDatabaseUrl: config.DATABASE_OWNER_URL, poolSize: config.DATABASE_POOL_SIZE,
  tokens: tokenRules(config),
  limits: {
    perAddress: config.REQUESTS_PER_ADDRESS, perSubject: config.REQUESTS_PER_SUBJECT, trustedProxies: config.TRUSTED_PROXIES,
    headersMs: config.HEADERS_TIMEOUT_MS, requestMs: config.REQUEST_TIMEOUT_MS, connections: config.CONNECTIONS,
  },
  auditKey: config.AUDIT_KEY, agency: config.AGENCY, ...titlesOf(config), watermarkEveryMs: config.WATERMARK_EVERY_MS, drainMs: config.DRAIN_MS, environment,
});

/** How to reach Kafka. Refuses a login without a name or password. */
export const kafkaAccess = (config: Static<typeof KafkaVariables>): Pick<KafkaOptions, 'brokers' | 'ssl' | 'sasl'> => {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = config;
  if (mechanism && (username === undefined || password === undefined)) throw new ConfigurationError(['KAFKA_SASL_MECHANISM needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD']);
  const { KAFKA_TLS_CA: ca, KAFKA_TLS_CERTIFICATE: cert, KAFKA_TLS_KEY: key } = config;
  return {
    brokers: config.KAFKA_BROKERS.split(','),
    ...(config.KAFKA_TLS && { ssl: { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) } }),
    ...(mechanism && { sasl: { mechanism, username: username!, password: password! } as NonNullable<KafkaOptions['sasl']> }),
  };
};
