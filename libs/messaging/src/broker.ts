/** One record as it lies on a topic. A null value erases its key. */
export interface BrokerRecord {
  readonly topic: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: Buffer | null;
}

/** `position` orders records of one topic and key; it means nothing across adapters. */
export interface Delivery extends BrokerRecord {
  readonly position: string;
}

/**
 * What became of a delivered record. `done`: never deliver it again. `pauseMs`: deliver it again after that time, and nothing
 * of the same key before it.
 */
export type Verdict = 'done' | { readonly pauseMs: number };

export interface SubscribeOptions {
  /** Members of one group share the work. A new group starts with the oldest record. */
  readonly group: string;
  readonly topics: readonly string[];
  /** Must not throw: what cannot be handled is the consumer's to put away, not the broker's. */
  readonly deliver: (delivery: Delivery) => Promise<Verdict>;
  /**
   * Takes all of these, in their order, or none (false): then each is delivered by itself. For an adapter that has many at hand, of one
   * topic; none of them is a null, and none is of a key that is paused.
   */
  readonly deliverTogether?: ((deliveries: readonly Delivery[]) => Promise<boolean>) | undefined;
}

/** For adapters: a handler that throws against its promise must not end the reading of all others. */
export const deliverSafely = async (deliver: SubscribeOptions['deliver'], delivery: Delivery, failed: (error: unknown) => void): Promise<Verdict> => {
  try {
    return await deliver(delivery);
  } catch (error) {
    failed(error);
    return { pauseMs: 1_000 };
  }
};

export interface Subscription {
  /** Milliseconds since the subscription last had nothing left to fetch: how far behind the reader may be. */
  behindMs(): number;
  /** Lets the handler in hand finish, then leaves the group. */
  close(): Promise<void>;
}

/**
 * Carries records from services to services: at least once, in order per topic and key. Kafka and the Postgres log are
 * its adapters, and pass one contract suite.
 */
export interface Broker {
  /** It keeps for a while what cannot be deleted in place: there facts about people are sealed, each with the person's own key. */
  readonly sealed?: boolean;
  /** Resolves when every record is durable, in this order. Rejects otherwise; then some may be there. */
  publish(records: readonly BrokerRecord[]): Promise<void>;
  subscribe(options: SubscribeOptions): Promise<Subscription>;
  close(): Promise<void>;
}
