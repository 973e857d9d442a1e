import { whyNoKafka } from '@opora/testing';
import { brokerContract } from './broker-contract.js';
import { connect, kafkaHarness } from './kafka-harness.js';

const why = whyNoKafka();
if (why) {
  console.warn(why);
  it.skip(why, () => undefined);
} else {
  brokerContract('Kafka', { module: new URL('./kafka-harness.ts', import.meta.url), connect, start: kafkaHarness });
}
