import { makeSigningKey } from '@opora/access';
import { OperatorError } from '@opora/postgres';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

/** The signing key that the file holds; made when it is missing, and the same ever after. Readable by its owner only. */
export const keyIn = (file: string): string => {
  try {
    if (!existsSync(file)) {
      writeFileSync(`${file}.new`, makeSigningKey(), { mode: 0o600, flush: true });
      renameSync(`${file}.new`, file);
    }
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new OperatorError(`Cannot keep the audit key in ${file}: ${(error as NodeJS.ErrnoException).code}`);
  }
};
