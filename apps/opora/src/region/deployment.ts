import { freePort } from '@opora/testing';
import { Balancer } from './balancer.js';
import { Instance } from './instance.js';

const until = async (what: string, met: () => Promise<boolean>, withinMs: number, why = () => ''): Promise<void> => {
  for (const end = performance.now() + withinMs; !(await met()); await new Promise((resolve) => setTimeout(resolve, 50))) {
    if (performance.now() > end) throw new Error(`${what} took longer than ${withinMs} ms\n${why()}`);
  }
};

/** Some instances of one service behind one address. Whoever ends unasked is started again, as every orchestrator does. */
export class Deployment {
  readonly instances: Instance[] = [];
  /** How often somebody ended unasked. */
  restarts = 0;
  url = '';
  private readonly balancer = new Balancer(() => this.instances.map(({ port }) => port));
  private readonly leaving = new Set<Instance>();
  private closed = false;

  constructor(readonly name: string, private program: string, private readonly environment: (port: number, url: string) => Record<string, string>) {}

  async open(count: number): Promise<void> {
    this.url = await this.balancer.listen();
    for (let i = 0; i < count; i += 1) await this.add();
  }

  async ready(withinMs = 60_000): Promise<void> {
    await until(`${this.name} coming up`, async () => (await Promise.all(this.instances.map((one) => one.ready()))).every(Boolean), withinMs,
      () => this.instances.flatMap(({ lines }) => lines.slice(-20)).join('\n'));
  }

  async add(program = this.program): Promise<Instance> {
    const port = await freePort();
    return this.start(port, program);
  }

  /** Ends it for good, as when an orchestrator scales down. Answers its exit code. */
  async remove(instance: Instance, signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<number | null> {
    this.leaving.add(instance);
    const code = await instance.end(signal);
    this.instances.splice(this.instances.indexOf(instance), 1);
    return code;
  }

  /** All instances are down and stay down. */
  async stop(): Promise<void> {
    await Promise.all([...this.instances].map((instance) => this.remove(instance)));
  }

  /** One after another: a new one comes up, then an old one goes. From now on `program` is what runs. Answers the exit codes of the old ones. */
  async roll(program: string): Promise<(number | null)[]> {
    const old = [...this.instances];
    const codes: (number | null)[] = [];
    this.program = program;
    for (const instance of old) {
      const fresh = await this.add(program);
      await until(`${this.name}, the next version,`, () => fresh.ready(), 60_000);
      codes.push(await this.remove(instance));
    }
    return codes;
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.all(this.instances.map((instance) => instance.end('SIGKILL')));
    await this.balancer.close();
  }

  private start(port: number, program: string): Instance {
    const instance = new Instance(port, program, this.environment(port, this.url));
    this.instances.push(instance);
    void instance.exit.then(() => {
      if (this.closed || this.leaving.has(instance)) return;
      this.restarts += 1;
      setTimeout(() => {
        const at = this.instances.indexOf(instance);
        if (this.closed || at < 0) return;
        this.instances.splice(at, 1);
        this.start(port, program);
      }, 300);
    });
    return instance;
  }
}
