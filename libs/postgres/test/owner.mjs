// A process that owns a server until it is killed: node owner.mjs <folder>. Says the address on its first line of output.
import { importTypeScript } from '../../testing/src/import-typescript.mjs';

const { startEmbeddedPostgres } = await importTypeScript(new URL('../src/index.ts', import.meta.url));
const { adminUrl } = await startEmbeddedPostgres({ folder: process.argv[2] });
console.log(adminUrl);
setInterval(() => {}, 60_000);
