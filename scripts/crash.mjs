// `npm run crash -- --seed S --minutes M`: installs what is missing, builds, and runs the crash test (docs/reliability.md).
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { install, node, root } from './install.mjs';

install({ everything: true });
if (spawnSync(node, ['scripts/build.mjs'], { cwd: root, stdio: 'inherit' }).status !== 0) process.exit(1);
const child = spawn(node, ['--enable-source-maps', 'apps/opora/dist/crash/main.js', ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code) => process.exit(code ?? 1));
