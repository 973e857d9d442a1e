import { createServer, connect, type AddressInfo, type Socket } from 'node:net';

/** One address for all instances of a service, as an orchestrator gives it: new connections go in turn to those that say they are ready. */
export class Balancer {
  private readonly server = createServer((socket) => this.join(socket, this.ready()));
  private readonly open = new Set<Socket>();
  private readonly readiness = new Map<number, boolean>();
  private turn = 0;
  private readonly polling = setInterval(() => void this.poll(), 200);

  constructor(private readonly ports: () => readonly number[]) {}

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    clearInterval(this.polling);
    for (const socket of this.open) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private ready(): number[] {
    const ports = this.ports();
    const ready = ports.filter((port) => this.readiness.get(port));
    return ready.length > 0 ? ready : [...ports];
  }

  private async poll(): Promise<void> {
    await Promise.all(this.ports().map(async (port) => {
      const response = await fetch(`http://127.0.0.1:${port}/health/ready`, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
      await response?.body?.cancel();
      this.readiness.set(port, response?.status === 200);
    }));
  }

  /** Nobody has read a byte before the connection stands, so another instance may be tried. */
  private join(socket: Socket, candidates: readonly number[]): void {
    const [port, ...others] = [...candidates.slice(this.turn % candidates.length), ...candidates.slice(0, this.turn % candidates.length)];
    this.turn += 1;
    if (port === undefined) return void socket.destroy();
    const upstream = connect(port, '127.0.0.1');
    let joined = false;
    this.open.add(socket).add(upstream);
    const end = () => {
      // A refused connection tells so twice, as an error and as its end; joined twice, a request would be answered twice.
      if (!this.open.has(upstream)) return;
      this.open.delete(upstream);
      upstream.destroy();
      if (!joined && others.length > 0 && !socket.destroyed) return this.join(socket, others);
      this.open.delete(socket);
      // What is still on its way to the caller arrives.
      socket.destroySoon();
    };
    upstream.once('connect', () => { joined = true; socket.pipe(upstream).pipe(socket); });
    upstream.on('error', end).on('close', end);
    socket.on('error', () => upstream.destroy()).on('close', () => upstream.destroy());
  }
}
