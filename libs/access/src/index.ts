export * from './actor.js';
export * from './may-share.js';
export * from './may-read.js';
export * from './seen.js';
export * from './token.js';
export * from './allow.js';
export * from './development-issuer.js';
