import type { Access } from '@opora/contracts';

/** `of`: the module whose record it was, if another one told of it. */
export type ToldAccess = Access & { readonly of?: string | undefined };

/** What one module told, newest first; `more`: there is older. */
export interface ToldAccesses { readonly module: string; readonly items: readonly ToldAccess[]; readonly more: boolean }

/** By module the number in its trail before which to go on; '' is from the newest on. Who is not in it has nothing older. */
export type Position = Readonly<Record<string, string>>;

/**
 * The newest of what all told, each module's in its own order. Who did not answer keeps its place: what it has comes late then, but it
 * comes, as long as any other goes on.
 */
export const merged = (told: readonly ToldAccesses[], limit: number, before: Position | undefined, missing: readonly string[]): { items: { module: string; access: ToldAccess }[]; next?: Position } => {
  const taken = new Map(told.map(({ module }) => [module, 0]));
  const items: { module: string; access: ToldAccess }[] = [];
  while (items.length < limit) {
    const heads = told.flatMap(({ module, items: own }) => {
      const access = own[taken.get(module)!];
      return access === undefined ? [] : [{ module, access }];
    });
    if (heads.length === 0) break;
    const newest = heads.reduce((a, b) => (b.access.at > a.access.at ? b : a));
    items.push(newest);
    taken.set(newest.module, taken.get(newest.module)! + 1);
  }
  const rest = told.flatMap(({ module, items: own, more }) => {
    const count = taken.get(module)!;
    if (count === own.length && !more) return [];
    return [[module, count === 0 ? before?.[module] ?? '' : own[count - 1]!.id ?? ''] as const];
  });
  return rest.length === 0 ? { items } : { items, next: Object.fromEntries([...rest, ...missing.map((module) => [module, before?.[module] ?? ''] as const)]) };
};
