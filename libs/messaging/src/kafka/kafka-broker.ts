import type { Kafka } from 'kafkajs';
import type { Broker, BrokerRecord, Delivery, SubscribeOptions, Subscription, Verdict } from '../broker.js';
import { codeOf, createClient, patiently, type KafkaOptions } from './client.js';
import { Erasures } from './erasures.js';
import { Member, type MemberOptions } from './member.js';
import { Publisher } from './publisher.js';

/** The broker of a region: Apache Kafka. Topics must be there, see `createTopics`. */
export class KafkaBroker implements Broker {
  readonly sealed = true;
  /** For members. */
  private readonly patient: Kafka;
  private readonly publisher: Publisher;
  private readonly erasures: Erasures;
  private readonly erasable: ReadonlySet<string>;
  private readonly members = new Set<Member>();
  private closed = false;

  constructor(private readonly options: KafkaOptions) {
    this.patient = createClient(options, patiently);
    this.erasable = new Set(options.erasableTopics);
    this.publisher = new Publisher(createClient(options), (error) => options.report('kafka-publish-failed', codeOf(error)));
    this.erasures = new Erasures(options.clientId, (member) => this.follow(member), (records) => this.publisher.publish(records));
  }

  async publish(records: readonly BrokerRecord[]): Promise<void> {
    const touched = records.filter(({ topic }) => this.erasable.has(topic));
    if (touched.length === 0) return this.publisher.publish(records);
    await this.erasures.recent();
    await this.erasures.remember(touched.filter(({ value }) => value === null));
    await this.publisher.publish(records.filter((record) => record.value === null || !this.isErased(record)));
  }

  /** Does not wait for Kafka: the member joins by itself, and again after every interruption. */
  async subscribe({ group, topics, deliver, deliverTogether }: SubscribeOptions): Promise<Subscription> {
    if (this.closed) throw new Error('The broker is closed');
    const erasing = topics.some((topic) => this.erasable.has(topic));
    const member = this.follow({
      group, topics, commits: true,
      deliver: erasing ? (delivery) => this.deliverUnlessErased(delivery, deliver) : deliver,
      deliverTogether: deliverTogether && ((deliveries) => deliverTogether(deliveries.filter((delivery) => !this.isErased(delivery)))),
      prepare: erasing ? () => this.erasures.current() : undefined,
    });
    this.members.add(member);
    return member;
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.all([...[...this.members].map((member) => member.close()), this.erasures.close()]);
    await this.publisher.close();
  }

  private follow(member: MemberOptions): Member {
    return new Member(this.patient, member, (error) => this.options.report('kafka-member-failed', codeOf(error)));
  }

  private isErased(record: BrokerRecord): boolean {
    return this.erasable.has(record.topic) && this.erasures.has(record);
  }

  /** Who published past this adapter may not have marked the null: whoever hears it first does. */
  private async deliverUnlessErased(delivery: Delivery, deliver: SubscribeOptions['deliver']): Promise<Verdict> {
    if (delivery.value !== null) return this.isErased(delivery) ? 'done' : deliver(delivery);
    if (this.erasable.has(delivery.topic)) await this.erasures.remember([delivery]);
    return deliver(delivery);
  }
}
