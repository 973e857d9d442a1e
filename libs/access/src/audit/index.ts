export * from './audit-trail.js';
export { checked, makeSigningKey, type Checkpoint } from './checkpoint.js';
export { contentOf, entryOf, keptName, linkOf } from './content.js';
export * from './verify.js';
