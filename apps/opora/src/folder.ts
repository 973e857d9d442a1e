import { OperatorError } from '@opora/postgres';
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** Step by step: Node's own way never ends where nothing can be made, as under /proc. */
const make = (path: string): void => {
  if (existsSync(path)) return;
  make(dirname(path));
  mkdirSync(path);
};

const LOG_BYTES = 20 * 1024 * 1024;

/** The one folder where everything of this machine lives: data, secrets, keys, log. */
export class Folder {
  readonly path: string;
  private size: number | undefined;

  constructor(path: string) {
    this.path = resolve(path);
    try {
      make(this.path);
      writeFileSync(this.file('.writable'), '');
      rmSync(this.file('.writable'));
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

  /** The newest lines, and one file of older ones: a log never fills the disk. */
  appendLine(name: string, line: string): void {
    this.size ??= statSync(this.file(name), { throwIfNoEntry: false })?.size ?? 0;
    if (this.size > LOG_BYTES) {
      renameSync(this.file(name), this.file(`${name}.old`));
      this.size = 0;
    }
    this.size += Buffer.byteLength(line) + 1;
    appendFileSync(this.file(name), `${line}\n`);
  }
}
