export { connect, connectAdmin, whyUnreachable } from './connect.js';
export { startEmbeddedPostgres, type EmbeddedPostgres, type EmbeddedPostgresOptions } from './embedded.js';
export { DatabaseUnreachable, EmbeddedPostgresError, OperatorError } from './failures.js';
export { addressOf, provision, type Provisioned, type Provisioning } from './provision.js';
export { loadSecrets } from './secrets.js';
