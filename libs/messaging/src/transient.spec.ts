import { DomainError } from '@opora/domain';
import { QueryRunnerAlreadyReleasedError, TransactionNotStartedError } from 'typeorm';
import { isTransient } from './transient.js';

const coded = (code: string) => Object.assign(new Error('x'), { code });

it.each([
  ['a lost connection under a transaction', new QueryRunnerAlreadyReleasedError()],
  ['a transaction that ended with its connection', new TransactionNotStartedError()],
  ['an administrator’s shutdown', coded('57P01')],
  ['a deadlock', coded('40P01')],
  ['a refused connection', coded('ECONNREFUSED')],
  ['a connection that ended', new Error('Connection terminated unexpectedly')],
  ['somebody who was first', new DomainError('conflict', 'changed-at-once', 'x')],
])('%s is worth another try', (_, error) => expect(isTransient(error)).toBe(true));

it.each([
  ['a refusal', new DomainError('conflict', 'wrong-status', 'x')],
  ['a mistake in the code', new TypeError('x')],
  ['a violated constraint', coded('23505')],
  ['what is no error', 'x'],
])('%s is not', (_, error) => expect(isTransient(error)).toBe(false));
