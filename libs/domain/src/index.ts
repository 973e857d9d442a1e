export * from './fact.js';
export * from './domain-error.js';
export * from './given.js';
export * from './in-words.js';
export * from './storable.js';
