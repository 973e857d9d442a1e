// `npm run bench [-- <row> …]`: installs what is missing, builds, measures all rows or those named, and writes them to docs/benchmarks.md.
import { spawn, spawnSync } from 'node:child_process';
import { install, node, root } from './install.mjs';

install({ everything: true });
if (spawnSync(node, ['scripts/build.mjs'], { cwd: root, stdio: 'inherit' }).status !== 0) process.exit(1);

const child = spawn(node, ['--enable-source-maps', 'bench/bench.mjs', ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code) => process.exit(code ?? 1));
