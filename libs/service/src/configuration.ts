import { Ajv2020 } from 'ajv/dist/2020.js';
import { readFileSync } from 'node:fs';
import type { Static, TObject } from 'typebox';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Every mistake in the configuration, each by the name of its variable. */
export class ConfigurationError extends Error {
  constructor(readonly mistakes: readonly string[]) {
    super(mistakes.join('\n'));
    this.name = 'ConfigurationError';
  }
}

const set = (value: string | undefined): value is string => value !== undefined && value !== '';

/** `NAME`, or what the file holds that `NAME_FILE` names: so come secrets from a vault or an orchestrator. */
const valueOf = (name: string, environment: Environment): string | undefined => {
  const [value, file] = [environment[name], environment[`${name}_FILE`]];
  if (set(value) || !set(file)) return value;
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new ConfigurationError([`${name}_FILE cannot be read (${(error as NodeJS.ErrnoException).code})`]);
  }
};

/** Reads the variables that the schema names, with its defaults; says all mistakes at once, and no values (they may be secrets). */
export const readConfiguration = <S extends TObject>(schema: S, environment: Environment): Static<S> => {
  const ajv = new Ajv2020({ allErrors: true, coerceTypes: true, useDefaults: true, strict: false });
  const given = Object.fromEntries(Object.keys(schema.properties).map((name) => [name, valueOf(name, environment)] as const).filter(([, value]) => set(value)));
  const validate = ajv.compile(schema);
  if (validate(given)) return given as Static<S>;
  throw new ConfigurationError((validate.errors ?? []).map((e) =>
    e.keyword === 'required' ? `${String(e.params['missingProperty'])} is missing` : `${e.instancePath.slice(1)} ${e.message ?? 'is wrong'}`));
};
