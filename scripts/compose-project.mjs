// One project of docker-compose.yml, under a name and on ports of its own, for `compose-trial.mjs`.
import { execFile, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { root } from './install.mjs';

const freePort = () => new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});

export const project = `opora-trial-${process.pid}`;
export const password = 'onlyForThisTrial';
const [gatewayPort, issuerPort] = [await freePort(), await freePort()];
export const gateway = `http://127.0.0.1:${gatewayPort}`;
export const issuer = `http://127.0.0.1:${issuerPort}`;

const env = { ...process.env, COMPOSE_PROJECT_NAME: project, OPORA_VERSION: 'trial', OPORA_PORT: gatewayPort, OPORA_ISSUER_PORT: issuerPort, POSTGRES_PASSWORD: password };
const newer = spawnSync('docker', ['compose', 'version'], { stdio: 'ignore' }).status === 0;
const [program, ...first] = newer ? ['docker', 'compose'] : ['docker-compose'];

export const compose = (...args) => {
  const { status, error, stdout, stderr } = spawnSync(program, [...first, ...args], { cwd: root, env, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (error || status !== 0) throw new Error(`${[program, ...first, ...args].join(' ')}: ${error ?? `${stdout.slice(-3_000)}\n${stderr.slice(-3_000)}`}`);
};

const execute = promisify(execFile);
const run = (args) => execute('docker', args, { maxBuffer: 64 * 1024 * 1024 });
export const docker = async (...args) => (await run(args)).stdout.trim();
export const lines = async (...args) => (await docker(...args)).split('\n').filter(Boolean);
export const newestLog = async ({ Id }) => Object.values(await run(['logs', '--tail', '15', Id])).join('');

export const ofProject = ['--filter', `label=com.docker.compose.project=${project}`];
export const inspect = async (ids) => (ids.length > 0 ? JSON.parse(await docker('inspect', ...ids)) : []);
export const containers = async (service) => inspect(await lines('ps', '--quiet', '--all', '--no-trunc', ...ofProject, ...(service ? ['--filter', `label=com.docker.compose.service=${service}`] : [])));
export const nameOf = ({ Config }) => Config.Labels['com.docker.compose.service'];

/** What an expression comes to in the container, as the container's user. */
export const inside = async ({ Id }, code) => JSON.parse(await docker('exec', Id, 'node', '--input-type=module', '--eval',
  `import fs from 'node:fs'; const codeOf = (act) => { try { act(); return 'done'; } catch ({ code }) { return code; } }; console.log(JSON.stringify(${code}));`));
