/** Published questionnaires stay far below: 2,849 characters, 808 items, 7 levels. */
export const limits = {
  expressionLength: 10_000,
  /** Of items, and of answers. */
  items: 5_000,
  itemDepth: 30,
  /** Levels of objects and arrays in a whole document. */
  jsonDepth: 200,
  /** Parts that are listed as not computed: whoever lists instruments is told them all. */
  notComputed: 1_000,
  linkIdLength: 255,
  /** Rounds of calculation until nothing changes. */
  passes: 25,
} as const;

export type Excess = 'too-deep' | 'too-many-items' | 'forbidden-name';

/** Looks without recursion, because a document 3,000 levels deep parses but breaks whatever walks it by recursion. */
export const excessIn = (document: unknown): Excess | undefined => {
  const open: { value: unknown; depth: number; items: number }[] = [{ value: document, depth: 0, items: 0 }];
  const counted = { item: 0, answer: 0 };
  for (let next = open.pop(); next; next = open.pop()) {
    const { value, depth, items: itemDepth } = next;
    if (typeof value !== 'object' || value === null) continue;
    if (depth > limits.jsonDepth || itemDepth > limits.itemDepth) return 'too-deep';
    for (const [key, child] of Object.entries(value)) {
      // What whoever copies the object would take for its prototype.
      if (key === '__proto__' || (key === 'constructor' && typeof child === 'object' && child !== null && Object.hasOwn(child, 'prototype'))) return 'forbidden-name';
      const listed = (key === 'item' || key === 'answer') && Array.isArray(child);
      if (listed && (counted[key] += child.length) > limits.items) return 'too-many-items';
      open.push({ value: child, depth: depth + 1, items: itemDepth + (listed && key === 'item' ? 1 : 0) });
    }
  }
  return undefined;
};
