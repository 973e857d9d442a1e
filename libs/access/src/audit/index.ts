export * from './audit-trail.js';
export { makeSigningKey, publicKeyOf, serviceOf } from './checkpoint.js';
export { entryOf, keptName } from './content.js';
export * from './verify.js';
