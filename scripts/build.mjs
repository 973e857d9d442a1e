// Compiles every lib's and app's src/ into its dist/ with swc. Types are checked by `npm run types`, not here.
import { transformFile } from '@swc/core';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..');

const packages = (await Promise.all(['libs', 'apps'].map(async (kind) =>
  (await readdir(join(root, kind))).map((name) => join(root, kind, name))))).flat();

/** Each file as a whole: a running program never reads half of one. */
async function put(file, content) {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.${process.pid}`, content);
  await rename(`${file}.${process.pid}`, file);
}

async function compile(src, dist, file) {
  const to = join(dist, file.replace(/\.ts$/, '.js'));
  if (!file.endsWith('.ts')) {
    await put(to, await readFile(join(src, file)));
    return [to];
  }
  const { code, map } = await transformFile(join(src, file), { configFile: join(root, '.swcrc') });
  await put(to, `${code}\n//# sourceMappingURL=${to.split(/[/\\]/).at(-1)}.map\n`);
  await put(`${to}.map`, map);
  return [to, `${to}.map`];
}

async function build(folder) {
  const src = join(folder, 'src');
  const dist = join(folder, 'dist');
  const sources = (await readdir(src, { recursive: true }).catch(() => [])).filter((file) => /(?<!\.spec)\.(ts|json|html)$/.test(file));
  const made = new Set((await Promise.all(sources.map((file) => compile(src, dist, file)))).flat());
  const old = (await readdir(dist, { recursive: true, withFileTypes: true }).catch(() => [])).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  await Promise.all(old.filter((file) => !made.has(file)).map((file) => rm(file, { force: true })));
}

await Promise.all(packages.map(build));
