import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Static, TObject } from 'typebox';

/** Every mistake in the configuration, each by the name of its variable. */
export class ConfigurationError extends Error {
  constructor(readonly mistakes: readonly string[]) {
    super(mistakes.join('\n'));
    this.name = 'ConfigurationError';
  }
}

/** Reads the variables that the schema names, with its defaults; says all mistakes at once, and no values (they may be secrets). */
export const readConfiguration = <S extends TObject>(schema: S, environment: NodeJS.ProcessEnv): Static<S> => {
  const ajv = new Ajv2020({ allErrors: true, coerceTypes: true, useDefaults: true, strict: false });
  const given = Object.fromEntries(Object.keys(schema.properties).filter((name) => environment[name] !== undefined && environment[name] !== '').map((name) => [name, environment[name]]));
  const validate = ajv.compile(schema);
  if (validate(given)) return given as Static<S>;
  throw new ConfigurationError((validate.errors ?? []).map((e) =>
    e.keyword === 'required' ? `${String(e.params['missingProperty'])} is missing` : `${e.instancePath.slice(1)} ${e.message ?? 'is wrong'}`));
};
