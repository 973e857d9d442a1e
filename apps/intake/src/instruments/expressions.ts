import fhirpath from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4';
import { functionArguments } from './functions.js';
import { limits } from './limits.js';
import type { Reason } from './results.js';

interface Node {
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

/** Thrown by our own functions, such as `weight()`, with the reason for which there is no value. */
export class NoValue extends Error {
  constructor(readonly reason: Reason) {
    super(reason);
  }
}

/** `values` are the library's own nodes, so that types and paths survive from variable to variable; `plain` resolves them. */
export type Outcome = { values: unknown[] } | { reason: Reason };

export type Variables = Record<string, unknown>;
type Table = NonNullable<Parameters<typeof fhirpath.compile>[2]>['userInvocationTable'];
type Compiled = { reading: Reading; run: (data: unknown, variables: Variables) => unknown[] };

/**
 * Runs expressions with one table of functions. Holds what it has compiled, so that repeated passes parse once; make one per evaluation.
 * Never asynchronous: with the library's `async`, `resolve()` would fetch addresses found in the answers.
 */
export class Expressions {
  private readonly compiled = new Map<string, Compiled>();

  constructor(private readonly table: Table, private readonly own: OwnFunctions = new Map()) {}

  read(expression: string): Reading {
    return this.compile(expression, '').reading;
  }

  /** `base` is the path of `data` when it is a part of a resource, such as `QuestionnaireResponse.item`. */
  run(expression: string, data: unknown, variables: Variables, base = ''): Outcome {
    const { reading, run } = this.compile(expression, base);
    if (reading.wrong) return { reason: reading.wrong };
    if (reading.variables.some((variable) => !(variable in variables) && !this.defines(reading, variable))) return { reason: 'undefined-variable' };
    try {
      return { values: run(data, variables) };
    } catch (error) {
      return { reason: error instanceof NoValue ? error.reason : 'expression-failed' };
    }
  }

  private defines(reading: Reading, variable: string): boolean {
    return variable === 'ucum' || variable === 'context' || reading.calls.some((call) => call.name === 'defineVariable' && call.argument === variable);
  }

  private compile(expression: string, base: string): Compiled {
    const key = `${base}\n${expression}`;
    let compiled = this.compiled.get(key);
    if (!compiled) {
      const reading = readExpression(expression, this.own);
      const options = { async: false as const, preciseMath: true, resolveInternalTypes: false, traceFn: () => {}, userInvocationTable: this.table };
      const run = reading.wrong ? () => [] : fhirpath.compile(base ? { base, expression } : expression, r4, options);
      this.compiled.set(key, compiled = { reading, run });
    }
    return compiled;
  }
}
