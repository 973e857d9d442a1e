import type { Position } from '../domain/access-pages.js';

export const cursorOf = (position: Position): string => Buffer.from(JSON.stringify(position)).toString('base64url');

/** Undefined when it is none that we gave out. */
export const positionOf = (cursor: string): Position | undefined => {
  try {
    const position = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown;
    if (typeof position !== 'object' || position === null || Array.isArray(position)) return undefined;
    const good = Object.entries(position).every(([module, id]) => /^[a-z][a-z0-9-]{1,39}$/.test(module) && typeof id === 'string' && /^\d{0,18}$/.test(id));
    return good ? position as Position : undefined;
  } catch {
    return undefined;
  }
};
