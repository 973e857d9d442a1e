import { spawn, type ChildProcess } from 'node:child_process';

const KEPT = 2_000;

/** One process of a service. */
export class Instance {
  /** Its newest log lines. */
  readonly lines: string[] = [];
  readonly exit: Promise<number | null>;
  private readonly child: ChildProcess;

  constructor(readonly port: number, program: string, environment: Record<string, string>) {
    this.child = spawn(process.execPath, ['--max-semi-space-size=4', '--enable-source-maps', program], { env: { PATH: process.env['PATH'], ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
    const keep = (chunk: Buffer): void => {
      this.lines.push(...String(chunk).trimEnd().split('\n'));
      if (this.lines.length > KEPT) this.lines.splice(0, this.lines.length - KEPT);
    };
    this.child.stdout!.on('data', keep);
    this.child.stderr!.on('data', keep);
    this.exit = new Promise((resolve) => this.child.once('exit', (code) => resolve(code)));
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  get pid(): number {
    return this.child.pid!;
  }

  async ready(): Promise<boolean> {
    const response = await fetch(`http://127.0.0.1:${this.port}/health/ready`, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
    await response?.body?.cancel();
    return response?.status === 200;
  }

  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    this.child.kill(signal);
    return this.exit;
  }
}
