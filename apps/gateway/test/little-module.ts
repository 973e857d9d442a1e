import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Seen { method: string; url: string; headers: IncomingHttpHeaders; body: string }

export interface LittleModule {
  readonly baseUrl: string;
  readonly seen: Seen[];
  close(): Promise<void>;
}

/** A module as anybody could write it: plain HTTP. `answer` sees the request's whole body, unless it takes the stream itself. */
export const startModule = async (answer: (seen: Seen, response: ServerResponse, request: IncomingMessage) => unknown, { streams = false } = {}): Promise<LittleModule> => {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      let body = '';
      if (!streams) for await (const chunk of request) body += String(chunk);
      const one = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body };
      seen.push(one);
      await answer(one, response, request);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: () => new Promise((resolve) => { server.close(() => resolve()); server.closeAllConnections(); }),
  };
};

export const json = (response: ServerResponse, status: number, body: unknown): unknown =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
