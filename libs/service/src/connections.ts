import type { FastifyHttpOptions, FastifyInstance, FastifyReply } from 'fastify';
import { randomUUID } from 'node:crypto';
import { STATUS_CODES, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { ServiceSettings } from './definition.js';
import { problem, sendProblem } from './problem.filter.js';
import { MOST_BYTES } from './request.js';

/** What a connection's own troubles are called. Everything else that cannot be read is a 400. */
const troubles: Readonly<Record<string, readonly [number, string, string, string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request was refused', 'request-too-slow', 'The request did not arrive in time'],
  HPE_HEADER_OVERFLOW: [431, 'The request was refused', 'headers-too-large', 'Send at most 16 KB of headers'],
};

const refuse = (error: NodeJS.ErrnoException, socket: Socket): void => {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy(error);
  const body = problem(...(troubles[error.code ?? ''] ?? [400, 'The request was refused', 'not-http', 'The request is not HTTP as we read it'] as const));
  const text = JSON.stringify(body);
  socket.end(`HTTP/1.1 ${body.status} ${STATUS_CODES[body.status]}\r\ncontent-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(text)}\r\ncache-control: no-store\r\nx-content-type-options: nosniff\r\nconnection: close\r\n\r\n${text}`);
};

/** Unless a route says otherwise: kept nowhere, shown as what it is, in no frame, never over plain HTTP again. Browsers heed the last one only where TLS brought it. */
const harmless = {
  'cache-control': 'no-store', 'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'", 'x-content-type-options': 'nosniff',
  'strict-transport-security': 'max-age=31536000; includeSubDomains', 'referrer-policy': 'no-referrer', 'cross-origin-resource-policy': 'same-origin',
};

/** What one connection may cost: Node's own limits are minutes, and Fastify switches some of them off. */
export const connectionOptions = ({ headersMs = 10_000, requestMs = 60_000, trustedProxies = 'none' }: NonNullable<ServiceSettings['limits']>): FastifyHttpOptions<Server> => ({
  // Rows of the audit trail and log lines of all instances lie side by side.
  genReqId: () => randomUUID(),
  bodyLimit: MOST_BYTES, return503OnClosing: false, routerOptions: { maxParamLength: 200 },
  requestTimeout: requestMs, connectionTimeout: 2 * requestMs, keepAliveTimeout: 72_000,
  http: { headersTimeout: headersMs, connectionsCheckingInterval: Math.ceil(Math.min(headersMs, requestMs) / 4), maxHeaderSize: 16 * 1024 },
  trustProxy: trustedProxies === 'none' ? false : trustedProxies,
  clientErrorHandler: refuse,
  // Fastify's own answer would repeat the address; no hook sees it.
  frameworkErrors: (_error: unknown, _request: unknown, reply: FastifyReply) => sendProblem(reply.headers(harmless), problem(400, 'The request was refused', 'address-malformed', 'The address cannot be read')),
});

/** More at once are closed as they come. */
export const limitConnections = ({ server }: FastifyInstance, { connections = 5_000 }: NonNullable<ServiceSettings['limits']>): void => {
  server.maxConnections = connections;
};

export const harmlessAnswers = (fastify: FastifyInstance): void => {
  fastify.addHook('onSend', (_request, reply, _body, done) => {
    for (const [name, value] of Object.entries(harmless)) if (!reply.hasHeader(name)) reply.header(name, value);
    done();
  });
};
