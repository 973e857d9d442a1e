import { createServer, type Server } from 'node:http';
import type { Readiness } from './health.js';
import { problem } from './problem.filter.js';

/**
 * Answers on a service's port while the service itself cannot yet: it is alive, so nobody need end it in the middle of a migration, and
 * not ready for the reason given.
 */
export class WaitingRoom {
  /** What the start waits for. */
  reason: 'database' | 'migrations' | undefined;
  private server: Server | undefined;

  constructor(private readonly host: string, private readonly port: number) {}

  /** Rejects when the port is taken. Open already is open. */
  async open(): Promise<void> {
    if (this.server) return;
    const server = createServer(({ url }, response) => {
      const [status, type, body] = this.answer(url);
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store', connection: 'close', ...(status === 503 && { 'retry-after': '2' }) }).end(JSON.stringify(body));
    });
    await new Promise<void>((resolve, reject) => { server.once('error', reject).listen(this.port, this.host, resolve); });
    this.server = server;
  }

  /** The port is free afterwards. */
  async close(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (!server) return;
    await new Promise((resolve) => { server.close(resolve).closeAllConnections(); });
  }

  private answer(url: string | undefined): [number, string, object] {
    if (url === '/health/live') return [200, 'application/json', { status: 'up' }];
    if (url !== '/health/ready') return [503, 'application/problem+json', problem(503, 'Not available at the moment', 'temporarily-unavailable', 'Try again after the time in Retry-After')];
    const readiness: Readiness = {
      status: 'not-ready', reasons: ['starting', ...(this.reason ? [this.reason] : [])],
      checks: [{ name: 'service', status: 'starting' }, ...(this.reason === 'database' ? [{ name: 'database', status: 'down' } as const] : [])],
    };
    return [503, 'application/json', readiness];
  }
}
