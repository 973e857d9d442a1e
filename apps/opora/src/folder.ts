import { OperatorError } from '@opora/postgres';
import { accessSync, appendFileSync, constants, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The one folder where everything of this machine lives: data, secrets, keys, log. */
export class Folder {
  readonly path: string;

  constructor(path: string) {
    this.path = resolve(path);
    try {
      mkdirSync(this.path, { recursive: true });
      accessSync(this.path, constants.W_OK);
      writeFileSync(this.file('.writable'), '');
    } catch {
      throw new OperatorError(`The folder ${this.path} cannot be written; set OPORA_FOLDER to one that can.`);
    }
  }

  file(name: string): string {
    return join(this.path, name);
  }

  read<T>(name: string): T | undefined {
    return existsSync(this.file(name)) ? JSON.parse(readFileSync(this.file(name), 'utf8')) as T : undefined;
  }

  /** Replaces the file as a whole: after a crash it is the old one or the new one. */
  write(name: string, value: unknown): void {
    writeFileSync(this.file(`${name}.new`), JSON.stringify(value, null, 2), { mode: 0o600 });
    renameSync(this.file(`${name}.new`), this.file(name));
  }

  appendLine(name: string, line: string): void {
    appendFileSync(this.file(name), `${line}\n`);
  }
}
