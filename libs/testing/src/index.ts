export { createTestDatabase, type TestDatabase } from './test-database.js';
export { ManualClock } from './manual-clock.js';
export { caller, type Caller, type Reply } from './caller.js';
export { startHarness, type Harness } from './harness.js';
export { eventually } from './eventually.js';
export { freePort } from './free-port.js';
export { startKafka, whyNoKafka, type KafkaAccess, type TestKafka } from './kafka.js';
export * from './readability.js';
