import { eventually } from '@opora/testing';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts, node, startOpora, tempFolder } from './opora-process.js';

const root = join(import.meta.dirname, '..', '..', '..');
const mark = (name: string): string => `Zq7mark-${name}-0123456789`;

const gateway = (environment: Record<string, string>) => {
  const child = spawn(node, ['--enable-source-maps', join(root, 'apps/gateway/dist/main.js')], { env: { PATH: process.env['PATH'], ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => { output += String(chunk); });
  return { child, output: () => output };
};

const asked = async (base: string): Promise<string> => (await Promise.all(['/health/live', '/health/ready', '/metrics', '/openapi.json', '/v1/modules', '/v1/nobody/x', '/%zz'].map(async (path) => {
  const response = await fetch(base + path, { headers: { authorization: `Bearer ${mark('token')}.x.y` } });
  return JSON.stringify([...response.headers]) + await response.text();
}))).join('\n');

const secrets = {
  DATABASE_URL: `postgres://runtime:${mark('database')}@127.0.0.1:1/opora`, DATABASE_OWNER_URL: `postgres://owner:${mark('owner')}@127.0.0.1:1/opora`,
  KAFKA_BROKERS: '127.0.0.1:1', KAFKA_SASL_MECHANISM: 'scram-sha-512', KAFKA_SASL_USERNAME: 'gateway', KAFKA_SASL_PASSWORD: mark('kafka'), KAFKA_TLS_KEY: mark('key'),
  TOKEN_ISSUER: 'http://127.0.0.1:1', TOKEN_JWKS_URI: 'http://127.0.0.1:1/jwks', TOKEN_INTROSPECTION_URI: 'http://127.0.0.1:1/introspect', TOKEN_INTROSPECTION_SECRET: mark('introspection'), AUDIT_KEY: `-----BEGIN PRIVATE KEY-----\n${mark('audit')}`, LOG_LEVEL: 'debug',
};

it('no secret is said by a service that reaches nothing', async () => {
  const port = await freePorts();
  const { child, output } = gateway({ ...secrets, PORT: String(port) });
  try {
    await eventually(() => Promise.resolve(output()), (said) => said.includes('waiting for the database'), 100_000);
    const answers = await asked(`http://127.0.0.1:${port}`);
    child.kill('SIGTERM');
    await once(child, 'exit');
    expect(output() + answers).not.toContain('Zq7mark');
    expect(output()).toContain('stopping');
  } finally {
    child.kill('SIGKILL');
  }
}, 150_000);

it('no secret is said by a service that refuses its configuration', async () => {
  const { child, output } = gateway({ ...secrets, PORT: mark('port'), DATABASE_URL: mark('url'), KAFKA_SASL_MECHANISM: mark('mechanism'), AUDIT_KEY: mark('audit'), TOKEN_INTROSPECTION_SECRET: 'short' });
  expect(await once(child, 'exit')).toEqual([1, null]);
  expect(output()).toMatch(/PORT[^]*DATABASE_URL/);
  expect(output()).not.toMatch(/Zq7mark|short/);
}, 150_000);

it('no secret of a running system is in its log, its answers, its descriptions or what it prints', async () => {
  const folder = tempFolder();
  const opora = await startOpora(folder.path, { OPORA_LOG_LEVEL: 'debug', OPORA_DEMO: 'never' });
  try {
    const port = Number(new URL(opora.gateway).port);
    const answers = (await Promise.all([0, 1, 2, 3, 4].map((at) => asked(`http://127.0.0.1:${port + at}`)))).join('\n');
    const kept = globSync('{secrets.json,issuer-key.json,postgres/password*,**/secrets*}', { cwd: folder.path, exclude: ['postgres/data/**'] }).map((file) => readFileSync(join(folder.path, file), 'utf8'));
    const values = [...new Set(kept.join('\n').match(/[A-Za-z0-9_-]{20,}/g) ?? [])];
    const publicKey = JSON.stringify(await (await fetch(`${opora.issuer}/jwks`)).json());
    const known = values.filter((value) => !publicKey.includes(value));
    expect(known.length).toBeGreaterThan(8);
    const said = [opora.output(), readFileSync(join(folder.path, 'opora.log'), 'utf8'), answers].join('\n');
    expect(known.filter((value) => said.includes(value))).toEqual([]);
    expect(said).not.toContain('Zq7mark');
  } finally {
    await opora.end('SIGINT');
    folder.remove();
  }
}, 200_000);
