// Compiles every lib's and app's src/ into its dist/ with swc. Types are checked by `npm run types`, not here.
import { transformFile } from '@swc/core';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..');

const packages = (await Promise.all(['libs', 'apps'].map(async (kind) =>
  (await readdir(join(root, kind))).map((name) => join(root, kind, name))))).flat();

async function build(folder) {
  const src = join(folder, 'src');
  const dist = join(folder, 'dist');
  await rm(dist, { recursive: true, force: true });
  const files = await readdir(src, { recursive: true }).catch(() => []);
  await Promise.all(files.filter((f) => /(?<!\.spec)\.(ts|json|html)$/.test(f)).map(async (file) => {
    const to = join(dist, file.replace(/\.ts$/, '.js'));
    await mkdir(dirname(to), { recursive: true });
    if (!file.endsWith('.ts')) return writeFile(to, await readFile(join(src, file)));
    const { code, map } = await transformFile(join(src, file), { configFile: join(root, '.swcrc') });
    await writeFile(to, `${code}\n//# sourceMappingURL=${to.split('/').at(-1)}.map\n`);
    await writeFile(`${to}.map`, map);
  }));
}

await Promise.all(packages.map(build));
