import type { Node } from './reading.js';

/** What a writer of expressions is told. */
export const unbounded = 'This could take time without end: write patterns out, without repeated groups that match in several ways, and repeat only paths that move down';

/**
 * Whether a call may take time without end: a pattern is a text written out, of which no repeated part can match in many ways; what is
 * repeated is a path that moves down. What is merely slow is stopped where it runs; what can be seen to be endless is refused before.
 */
export const isUnbounded = (name: string, argument: Node | undefined, text: string | undefined): boolean => {
  if (name === 'repeat') return argument === undefined || pathOf(argument) !== 'moves';
  return ['matches', 'matchesFull', 'replaceMatches'].includes(name) && (text === undefined || canBacktrack(text));
};

const staying = ['where', 'ofType', 'first', 'last'];

/** Nothing for what is no path: `$this + 1` makes a new value in each round. */
const pathOf = ({ type, children = [] }: Node): 'moves' | 'stays' | undefined => {
  const [first] = children;
  switch (type) {
    case 'MemberInvocation': return 'moves';
    case 'ThisInvocation': return 'stays';
    case 'FunctionInvocation': return first?.text === 'children' ? 'moves' : staying.includes(first?.text ?? '') ? 'stays' : undefined;
    case 'TermExpression': case 'InvocationTerm': case 'ParenthesizedTerm': case 'IndexerExpression': return first && pathOf(first);
    case 'UnionExpression': return children.every((part) => pathOf(part) === 'moves') ? 'moves' : undefined;
    case 'InvocationExpression': {
      const parts = children.map(pathOf);
      return parts.includes(undefined) ? undefined : parts.includes('moves') ? 'moves' : 'stays';
    }
    default: return undefined;
  }
};

/** Stands for a group that can match in several ways. */
const LOOSE = '\u{E000}';

/** Whether a group that can match in several ways may come several times. */
export const canBacktrack = (pattern: string): boolean => {
  // Without escapes, classes, kinds of groups and laziness only what decides about ways is left.
  let text = pattern.replace(/\\.|\[(?:\\.|[^\]\\])*\]/gsu, 'x').replace(/\(\?(?:[:=!]|<[=!]|<\w+>)/g, '(').replace(/([*+?}])\?/g, '$1');
  for (let before = ''; text !== before;) {
    before = text;
    if (/\u{E000}[*+{]/u.test(text)) return true;
    text = text.replace(/\(([^()]*)\)/g, (_, inside: string) => (/[*+?|\u{E000}]|\{\d+,/u.test(inside) ? LOOSE : 'x'));
  }
  return false;
};
