export { accessOf, grantAccess, type ServiceAccess } from './access.js';
export { createClient, type KafkaOptions, type KafkaReport } from './client.js';
export { KafkaBroker } from './kafka-broker.js';
export { createTopics, kafkaTopics } from './topics.js';
