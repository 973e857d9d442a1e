import kafkajs, { type Kafka, type KafkaConfig } from 'kafkajs';

export type KafkaReport = (what: 'kafka-publish-failed' | 'kafka-member-failed' | 'kafka-client', code: string) => void;

export interface KafkaOptions {
  /** `host:port` of some servers; they tell the others. */
  readonly brokers: readonly string[];
  /** The service's name. Groups that the adapter needs for itself start with it. */
  readonly clientId: string;
  readonly ssl?: KafkaConfig['ssl'];
  readonly sasl?: KafkaConfig['sasl'];
  /** Topics where a null erases its key for good. */
  readonly erasableTopics: readonly string[];
  /** Codes and the client's own words about servers, topics and groups; never a key, header or value. */
  readonly report: KafkaReport;
}

/** How often kafkajs tries by itself. All named: it has other defaults when NODE_ENV is `test`. */
export interface Retry { readonly initialRetryTime: number; readonly multiplier: number; readonly factor: number; readonly maxRetryTime: number; readonly retries: number }

/** Some seconds, because whoever asked tries again anyway. */
export const briefly: Retry = { initialRetryTime: 100, multiplier: 2, factor: 0.2, maxRetryTime: 2_000, retries: 3 };

/** Half a minute: a consumer that lives on is known to its group, while one that replaces it must wait until the old one is given up. */
export const patiently: Retry = { ...briefly, maxRetryTime: 1_000, retries: 30 };

/** Said at each start of an idempotent producer with finite retries; the publisher throws a producer away after its first failure. */
const known = 'Limiting retries for the idempotent producer may invalidate EoS guarantees';

/** kafkajs 2.2.4 computes a wait below zero when a request is overdue; Node 24 warns and waits 1 ms, as intended. */
const withoutTimeoutWarning = (emit: typeof process.emitWarning) => Object.assign(
  ((warning: string | Error, ...more: [never]) => {
    if ((more as unknown[])[0] === 'TimeoutNegativeWarning' && new Error().stack?.includes('kafkajs')) return;
    emit.call(process, warning, ...more);
  }) as typeof process.emitWarning,
  { withoutTimeoutWarning: true },
);

export const createClient = ({ brokers, clientId, ssl, sasl, report }: Omit<KafkaOptions, 'erasableTopics'>, retry = briefly): Kafka => {
  if (!('withoutTimeoutWarning' in process.emitWarning)) process.emitWarning = withoutTimeoutWarning(process.emitWarning);
  // While a server is away kafkajs says the same many times a second.
  const saidAt = new Map<string, number>();
  return new kafkajs.Kafka({
    brokers: [...brokers], clientId, retry, connectionTimeout: 3_000, requestTimeout: 10_000,
    ...(ssl !== undefined && { ssl }), ...(sasl !== undefined && { sasl }),
    logLevel: kafkajs.logLevel.WARN,
    logCreator: () => ({ namespace, log: { message, error } }) => {
      const said = `${namespace}: ${message}${typeof error === 'string' ? `: ${error}` : ''}`.slice(0, 200);
      if (message === known || performance.now() - (saidAt.get(said) ?? -Infinity) < 60_000) return;
      if (saidAt.size > 1_000) saidAt.clear();
      saidAt.set(said, performance.now());
      report('kafka-client', said);
    },
  });
};

/** What kafkajs or Kafka call the trouble; never their sentence about it. */
export const codeOf = (error: unknown): string => {
  const { type, name, code, cause } = (error ?? {}) as { type?: unknown; name?: unknown; code?: unknown; cause?: unknown };
  if (cause instanceof Error && typeof type !== 'string') return codeOf(cause);
  return String(type ?? code ?? name ?? 'error');
};
