// For child processes of tests: `node --import <this> --conditions=opora-src worker.ts` runs our sources as Jest does, through swc.
import { transformFileSync } from '@swc/core';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

const configFile = fileURLToPath(new URL('../../../.swcrc', import.meta.url));

registerHooks({
  resolve: (specifier, context, next) =>
    next(context.parentURL?.endsWith('.ts') && specifier.startsWith('.') ? specifier.replace(/\.js$/, '.ts') : specifier, context),
  load: (url, context, next) => url.endsWith('.ts')
    ? { format: 'module', shortCircuit: true, source: transformFileSync(fileURLToPath(url), { configFile, sourceMaps: 'inline' }).code }
    : next(url, context),
});
