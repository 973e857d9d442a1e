// `npm run demo`: plays the journey for a new person against the running system.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { node, root } from './install.mjs';

const demo = join(root, 'apps', 'opora', 'dist', 'demo.js');
if (!existsSync(demo)) {
  console.error('Start Opora first, in another terminal: npm start');
  process.exit(1);
}
process.exit(spawnSync(node, [demo, ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' }).status ?? 1);
