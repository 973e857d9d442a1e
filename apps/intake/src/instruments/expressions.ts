import fhirpath from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4';
import { readExpression, type OwnFunctions, type Reading } from './reading.js';
import type { Reason } from './results.js';

/** Thrown by our own functions, such as `weight()`, with the reason for which there is no value. */
export class NoValue extends Error {
  readonly reason: Reason;

  constructor(reason: Reason) {
    super(reason);
    this.reason = reason;
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
  private readonly table: Table;
  private readonly own: OwnFunctions;

  constructor(table: Table, own: OwnFunctions = new Map()) {
    this.table = table;
    this.own = own;
  }

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
