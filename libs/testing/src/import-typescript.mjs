import { registerHooks } from 'node:module';

/** For scripts that run before or outside Jest's transforms. Node strips types by itself, but wants the real ending of a file. */
export async function importTypeScript(url) {
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      next(context.parentURL?.endsWith('.ts') && specifier.startsWith('.') ? specifier.replace(/\.js$/, '.ts') : specifier, context),
  });
  try {
    return await import(url);
  } finally {
    hooks.deregister();
  }
}
