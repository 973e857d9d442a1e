/** The message is one line for the operator, to be printed alone: what is wrong and where to look. No password, no stack worth reading. */
export class OperatorError extends Error {
  override name = 'OperatorError';
}

/** A PostgreSQL that was named by address cannot be used. */
export class DatabaseUnreachable extends OperatorError {
  override name = 'DatabaseUnreachable';
}

/** Our own PostgreSQL cannot be started. */
export class EmbeddedPostgresError extends OperatorError {
  override name = 'EmbeddedPostgresError';
}
