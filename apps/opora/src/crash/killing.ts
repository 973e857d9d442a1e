import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Instance } from '../region/instance.js';
import type { Region } from '../region/region.js';
import { modules } from '../services.js';
import { holdsPort, leaderPort } from './relay-leader.js';
import type { Kill, Target } from './schedule.js';

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Carries a schedule out, with -9. Whoever is already down is waited for. */
export class Killing {
  readonly killed: Record<Target, number> = { service: 0, 'relay leader': 0, broker: 0, PostgreSQL: 0 };
  private broker: Promise<void> = Promise.resolve();

  constructor(private readonly region: Region, private readonly databaseUrl: string, private readonly say: (line: string) => void) {}

  /** Ends with the time; where the machine is slow, when every target was killed three times. */
  async run(kills: readonly Kill[], startedAt: number, loadMs: number): Promise<void> {
    for (const kill of kills) {
      if (performance.now() - startedAt > loadMs && Math.min(...Object.values(this.killed)) >= 3) break;
      await sleep(Math.max(0, startedAt + kill.atMs - performance.now()));
      const victim = await this.carryOut(kill);
      this.killed[kill.target] += victim === undefined ? 0 : 1;
      this.say(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${kill.target}: ${victim ?? 'none was there'}`);
    }
    await this.broker;
  }

  private carryOut(kill: Kill): Promise<string | undefined> {
    switch (kill.target) {
      case 'service': return this.service(kill.which);
      case 'relay leader': return this.relayLeader(kill.which);
      case 'broker': return this.kafka(kill.awayMs);
      case 'PostgreSQL': return this.postgres();
      default: return kill.target satisfies never;
    }
  }

  private async service(which: number): Promise<string | undefined> {
    const all = [...this.region.deployments.values()].flatMap(({ name, instances }) => instances.filter(({ running }) => running).map((instance) => ({ name, instance })));
    const victim = all[Math.floor(which * all.length)];
    await victim?.instance.end('SIGKILL');
    return victim?.name;
  }

  /** Of a service that says facts. */
  private async relayLeader(which: number): Promise<string | undefined> {
    const names = modules.map(({ name }) => name);
    const chosen = names[Math.floor(which * names.length)]!;
    for (const since = performance.now(); performance.now() - since < 60_000; await sleep(100)) {
      // After a while any other will do.
      for (const name of performance.now() - since < 10_000 ? [chosen] : names) {
        const leader = await this.leader(name);
        if (!leader) continue;
        await leader.end('SIGKILL');
        return name;
      }
    }
    return undefined;
  }

  private async leader(name: string): Promise<Instance | undefined> {
    const port = await leaderPort(this.databaseUrl, name);
    return port === undefined ? undefined : this.region.deployment(name).instances.find(({ running, pid }) => running && holdsPort(pid, port));
  }

  private async kafka(awayMs: number): Promise<string> {
    await this.broker;
    await this.region.kafka.kill();
    this.broker = sleep(awayMs).then(() => this.region.kafka.start());
    this.broker.catch(() => undefined);
    return `away for ${awayMs} ms`;
  }

  /** The first line of postmaster.pid is the process; it is started again by whoever started it. */
  private async postgres(): Promise<string | undefined> {
    for (const until = performance.now() + 15_000; performance.now() < until; await sleep(50)) {
      try {
        const [pid, , , , , , , state] = readFileSync(join(this.region.folder, 'postgres', 'data', 'postmaster.pid'), 'utf8').split('\n');
        if (state?.trim() !== 'ready') continue;
        process.kill(Number(pid), 'SIGKILL');
        return 'postmaster';
      } catch { /* between two lives */ }
    }
    return undefined;
  }
}
