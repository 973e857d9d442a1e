import fhirpath from 'fhirpath';
import { functionArguments } from './functions.js';
import { limits } from './limits.js';
import type { Reason } from './results.js';

/** A part of a parsed expression, as the library has it. */
export interface Node {
  type: string;
  text?: string;
  delimitedText?: string;
  children?: Node[];
}

/** What an expression says, without running it: the variables and the string literals in it, and what is wrong with its calls. */
export interface Reading {
  wrong?: Reason;
  variables: string[];
  strings: string[];
  /** Names of the functions it calls, with the first argument where that is a string. */
  calls: { name: string; argument?: string }[];
}

const nothing = { variables: [], strings: [], calls: [] };

const unquoted = (text: string): string => text.slice(1, -1).replace(/\\(u[0-9a-fA-F]{4}|.)/g, (_, escaped: string) =>
  escaped.length > 1 ? String.fromCharCode(parseInt(escaped.slice(1), 16)) : ({ r: '\r', n: '\n', t: '\t', f: '\f' }[escaped] ?? escaped));

const name = (text: string): string => (/^[`']/.test(text) ? unquoted(text) : text);

const soleString = (node: Node | undefined): string | undefined => {
  let inner = node;
  while (inner?.children?.length === 1) inner = inner.children[0];
  return inner?.type === 'StringLiteral' ? unquoted(inner.text ?? '') : undefined;
};

/** Own functions of a place where expressions stand, such as `score('linkId')` in the conditions of need rules. */
export type OwnFunctions = ReadonlyMap<string, readonly number[]>;

export const readExpression = (expression: string, own: OwnFunctions = new Map()): Reading => {
  if (expression.length > limits.expressionLength) return { ...nothing, wrong: 'too-long' };
  let tree: Node;
  try {
    tree = fhirpath.parse(expression) as Node;
  } catch {
    return { ...nothing, wrong: 'does-not-parse' };
  }
  const reading: Reading = { variables: [], strings: [], calls: [] };
  const open: Node[] = [tree];
  for (let node = open.pop(); node; node = open.pop()) {
    if (node.type === 'ExternalConstantTerm') reading.variables.push(name(node.delimitedText ?? node.text ?? ''));
    if (node.type === 'StringLiteral') reading.strings.push(unquoted(node.text ?? ''));
    if (node.type === 'FunctionInvocation') {
      const [called, ...rest] = node.children?.[0]?.children ?? [];
      const given = rest.flatMap((part) => (part.type === 'ParamList' ? part.children ?? [] : [part]));
      const functionName = name(called?.text ?? '');
      const counts = own.get(functionName) ?? functionArguments.get(functionName);
      if (!counts) reading.wrong ??= 'unknown-function';
      else if (!counts.includes(given.length)) reading.wrong ??= 'wrong-arity';
      reading.calls.push({ name: functionName, argument: soleString(given[0]) });
    }
    open.push(...(node.children ?? []));
  }
  return reading;
};
