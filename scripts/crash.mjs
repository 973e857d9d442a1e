// `npm run crash -- --seed S --minutes M [--without-inbox]`: installs what is missing, builds, and runs the crash test
// (docs/reliability.md). `--without-inbox`: on a copy of the tree in which every fact takes effect as often as it is delivered.
import { spawn, spawnSync } from 'node:child_process';
import { install, node, root } from './install.mjs';
import { faults } from './planted-faults.list.mjs';
import { copyTree, plant } from './spoiled-copy.mjs';

const args = process.argv.slice(2).filter((arg) => arg !== '--without-inbox');
install({ everything: true });
const spoiled = process.argv.includes('--without-inbox');
const cwd = spoiled ? copyTree() : root;
if (spoiled && !plant(cwd, faults.find(({ name }) => name === 'the inbox is skipped'))) throw new Error('The fault could not be planted');
if (spawnSync(node, ['scripts/build.mjs'], { cwd, stdio: 'inherit' }).status !== 0) process.exit(1);

const child = spawn(node, ['--enable-source-maps', 'apps/opora/dist/crash/main.js', ...args], { cwd, stdio: 'inherit' });
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code) => process.exit(code ?? 1));
