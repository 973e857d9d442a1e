import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

const isFree = (port: number): Promise<boolean> => new Promise((resolve) => {
  const server = createServer().once('error', () => resolve(false));
  server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
});

/**
 * The first of so many free ports in a row. Below those that systems give to outgoing connections (Linux: from 32768 on): one of them
 * could take it before its server is up, or while it starts again.
 */
export const freePort = async (count = 1): Promise<number> => {
  for (;;) {
    const first = randomInt(15_000, 32_000);
    const free = await Promise.all(Array.from({ length: count }, (_, i) => isFree(first + i)));
    if (free.every(Boolean)) return first;
  }
};
