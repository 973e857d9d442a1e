import { freePort } from '@opora/testing';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { Balancer } from './balancer.js';

const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 100));

it('hands a connection to one instance, once, when another one refuses it', async () => {
  const heard: string[] = [];
  const server = createServer((socket) => socket.on('data', (chunk) => {
    // The balancer itself asks whether it is ready.
    if (String(chunk).startsWith('GET')) return;
    heard.push(String(chunk));
    socket.write('answer ');
  })).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const ports = [await freePort(), (server.address() as AddressInfo).port];
  const balancer = new Balancer(() => ports);
  const { port } = new URL(await balancer.listen());
  try {
    for (const name of ['one', 'two']) {
      const client = connect(Number(port), '127.0.0.1');
      let told = '';
      client.on('data', (chunk) => { told += String(chunk); });
      for (const request of [`${name} a`, `${name} b`]) {
        client.write(request);
        await soon();
      }
      client.destroy();
      expect(told).toBe('answer answer ');
    }
    expect(heard).toEqual(['one a', 'one b', 'two a', 'two b']);
  } finally {
    await balancer.close();
    server.close();
  }
});
