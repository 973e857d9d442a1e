import { AuditTrail, makeSigningKey, publicKeyOf, type Seen } from '@opora/access';
import { Intake } from '@opora/intake';
import { startHarness, type Harness } from '@opora/testing';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { keyIn } from '../src/audit/key-file.js';
import { verifyAll } from '../src/audit/verify-all.js';
import { inFile, inOtherSchemas, keysIn } from '../src/audit/witnesses.js';

let harness: Harness;
let folder: string;
let client: pg.Client;
let trail: AuditTrail;
const key = makeSigningKey();

const seen: Seen = {
  at: '2026-03-02T09:00:00.000Z', requestId: 'request-1', subject: 'worker-1', agency: 'centre', roles: [], purpose: 'care', action: 'client.read',
  clientIds: [], resources: [], hidden: [], decision: 'permit', policies: [], policyVersion: '1',
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'opora-audit-'));
  harness = await startHarness([Intake], { auditKey: key, watermarkEveryMs: 60_000 });
  client = new pg.Client({ connectionString: harness.database.adminUrl });
  await client.connect();
  const { runtimeUrl } = await harness.database.provision('intake');
  trail = await AuditTrail.open({ service: 'intake', databaseUrl: runtimeUrl, key, report: () => undefined });
  await trail.record([seen, seen, seen, seen]);
});
afterAll(async () => {
  await trail?.close();
  await client?.end();
  await harness?.close();
  rmSync(folder, { recursive: true, force: true });
});

it('finds the witnesses where they were left: in a log and in schemas of others; and says that a trail was cut, by the row', async () => {
  const { checkpoint } = (await trail.witness())!;
  const log = join(folder, 'opora.log');
  writeFileSync(log, `not json\n${JSON.stringify({ event: 'audit checkpoint', service: 'intake', checkpoint })}\n{"event":"other","at":"a.b.c"}\n`);
  await client.query(`insert into intake.audit_witness values ('intake', 4, $1)`, [checkpoint]);
  const keyFile = join(folder, 'keys.json');
  writeFileSync(keyFile, JSON.stringify(await (await fetch(`${harness.url('intake')}/v1/intake/audit/keys`)).json()));
  const lines: string[] = [];
  const verify = async (witnesses: string[]) => verifyAll({ client, keys: keysIn([keyFile]), witnesses }, (line) => lines.push(line));

  expect(inFile(log)).toEqual([checkpoint]);
  expect(await inOtherSchemas(client)).toEqual([checkpoint]);
  expect(await verify(inFile(log))).toBe(true);
  expect(lines).toEqual(['intake: 4 rows, 1 checkpoints, 1 seen outside: whole']);

  lines.length = 0;
  const guards = (how: string) => ['audit', 'audit_checkpoint'].map((table) => `alter table intake.${table} ${how} trigger audit_only_grows`).join(';');
  await client.query(`${guards('disable')}; delete from intake.audit where seq > 2; delete from intake.audit_checkpoint; ${guards('enable always')}`);
  expect(await verify([])).toBe(true);
  lines.length = 0;
  expect(await verify(inFile(log))).toBe(false);
  expect(lines).toEqual(['intake: 2 rows, 0 checkpoints, 1 seen outside: NOT WHOLE', '  checkpoints 1 to 1 were seen outside and are gone', '  rows 3 to 4 were cut off at the end']);
});

it('misses the trail of a service of which others have heard', async () => {
  const gone = `${Buffer.from('{}').toString('base64url')}.${Buffer.from(JSON.stringify({ service: 'gone' })).toString('base64url')}.x`;
  const lines: string[] = [];
  expect(await verifyAll({ client, keys: [], witnesses: [gone] }, (line) => lines.push(line))).toBe(false);
  expect(lines).toContain('  there is no trail');
});

it('a key is made once, for its owner alone, and is the same ever after', async () => {
  const file = join(folder, 'audit-key');
  const made = keyIn(file);
  expect([keyIn(file), readFileSync(file, 'utf8'), statSync(file).mode & 0o777]).toEqual([made, made, 0o600]);
  expect(await publicKeyOf(made)).toMatchObject({ kty: 'OKP', crv: 'Ed25519', kid: expect.any(String) });
  expect(await publicKeyOf(made)).not.toHaveProperty('d');
  await expect(publicKeyOf('secret')).rejects.toThrow('AUDIT_KEY must be an Ed25519 private key');
});
