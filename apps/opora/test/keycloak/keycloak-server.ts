import { freePort } from '@opora/testing';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, cp, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const VERSION = '26.4.5';
const root = join(import.meta.dirname, '..', '..', '..', '..');
const cache = join(root, 'node_modules/.cache/keycloak', VERSION);
const realmFile = join(root, 'deploy/keycloak/opora-realm.json');

export const secrets = { OPORA_INTROSPECTION_SECRET: 'only-for-this-trial-1', OPORA_HOTLINE_SECRET: 'only-for-this-trial-2', OPORA_SCREENS_URL: 'http://127.0.0.1:9' };

export interface KeycloakServer {
  /** Of the realm; the `iss` of its tokens. */
  readonly realm: string;
  /** Calls the administration of the realm: `admin('PUT', '/clients/…', {enabled: false})`. */
  admin<T = any>(method: string, path: string, body?: unknown): Promise<T>;
  stop(): Promise<void>;
}

/** The distribution, fetched once per working copy. */
const fetchDistribution = async (): Promise<void> => {
  if (existsSync(cache)) return;
  const folder = `${cache}.${process.pid}`;
  await mkdir(folder, { recursive: true });
  const { status } = spawnSync('mvn', ['-q', '-B', 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:unpack', `-Dartifact=org.keycloak:keycloak-quarkus-dist:${VERSION}:zip`, `-DoutputDirectory=${folder}`], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error('Maven could not fetch Keycloak');
  await rename(join(folder, `keycloak-${VERSION}`), cache).catch(() => undefined);
  await rm(folder, { recursive: true, force: true });
};

/** Keycloak as docs/keycloak.md starts it for trying out, with the realm of deploy/keycloak and everything in memory. */
export const startKeycloak = async (): Promise<KeycloakServer> => {
  await fetchDistribution();
  const folder = await mkdtemp(join(tmpdir(), 'opora-keycloak-'));
  await cp(cache, folder, { recursive: true });
  await mkdir(join(folder, 'data/import'), { recursive: true });
  await copyFile(realmFile, join(folder, 'data/import/opora-realm.json'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const said: string[] = [];
  const server = spawn('sh', [join(folder, 'bin/kc.sh'), 'start-dev', '--import-realm', '--http-host=127.0.0.1', `--http-port=${port}`], {
    stdio: ['ignore', 'pipe', 'pipe'], detached: true,
    env: { PATH: process.env['PATH'], ...secrets, KC_DB: 'dev-mem', KC_BOOTSTRAP_ADMIN_USERNAME: 'admin', KC_BOOTSTRAP_ADMIN_PASSWORD: 'only-for-this-trial', JAVA_OPTS_KC_HEAP: '-Xms64m -Xmx400m' },
  });
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (chunk) => { said.push(String(chunk)); });
  // The script starts Java: the whole group has to end.
  const kill = (): void => { try { process.kill(-server.pid!, 'SIGKILL'); } catch { /* it has ended */ } };
  process.once('exit', kill);
  const stop = async (): Promise<void> => {
    process.removeListener('exit', kill);
    const gone = server.exitCode === null ? once(server, 'exit') : undefined;
    kill();
    await gone;
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };

  const realm = `${url}/realms/opora`;
  for (const until = performance.now() + 280_000; !(await fetch(realm).then(({ ok }) => ok, () => false)); await new Promise((resolve) => setTimeout(resolve, 200))) {
    if (server.exitCode === null && performance.now() < until) continue;
    await stop();
    throw new Error(`Keycloak did not come up:\n${said.join('').slice(-3_000)}`);
  }
  const form = new URLSearchParams({ client_id: 'admin-cli', grant_type: 'password', username: 'admin', password: 'only-for-this-trial' });
  const admin = async (method: string, path: string, body?: unknown) => {
    // Good for a minute only.
    const { access_token } = await (await fetch(`${url}/realms/master/protocol/openid-connect/token`, { method: 'POST', body: form })).json() as { access_token: string };
    const response = await fetch(`${url}/admin/realms/opora${path}`, {
      method, headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' }, ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    const text = await response.text();
    return text === '' ? response.headers.get('location')?.split('/').at(-1) : JSON.parse(text) as unknown;
  };
  return { realm, admin: admin as KeycloakServer['admin'], stop };
};
