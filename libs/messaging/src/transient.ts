import { DomainError } from '@opora/domain';
import { NotHeardYet } from './sealing.js';

/** SQLSTATE classes and codes after which the same statement may well succeed. */
const sqlStates = /^(08|53|57P0|40001|40P01|55P03|57014)/;
const systemCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN']);
/** What TypeORM says, without a code, when the connection under a transaction is gone. */
const lostConnections = new Set(['QueryRunnerAlreadyReleasedError', 'TransactionNotStartedError', 'ConnectionNotFoundError', 'CannotExecuteNotConnectedError']);
const messages = /Connection terminated|connection timeout|Client has encountered a connection error|timeout exceeded when trying to connect|Driver not Connected/i;

/** Whether the trouble is with the moment (database away, deadlock, lock taken, somebody else was first) and not with what was asked. */
export const isTransient = (error: unknown): boolean => {
  if (error instanceof DomainError) return error.code === 'changed-at-once';
  if (!(error instanceof Error)) return false;
  if (error instanceof NotHeardYet || lostConnections.has(error.name)) return true;
  const code = (error as { code?: unknown }).code ?? (error as { driverError?: { code?: unknown } }).driverError?.code;
  return (typeof code === 'string' && (sqlStates.test(code) || systemCodes.has(code))) || messages.test(error.message);
};
