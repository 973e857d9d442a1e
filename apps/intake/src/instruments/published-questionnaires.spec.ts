import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkQuestionnaire } from './check.js';
import type { Coding, Quantity, Questionnaire, QuestionnaireResponse } from './fhir.js';
import { completeResponse } from './validation.js';

// Questionnaires as their publishers have them lie beside the repository, not in it.
const folder = join(import.meta.dirname, '../../../../../shared/published-questionnaires');
const read = (...path: string[]) => JSON.parse(readFileSync(join(folder, ...path), 'utf8'));
const input = { now: '2026-11-21T10:00:00.000Z', status: 'completed' as const };

interface Expected {
  outcome: 'valid' | 'invalid' | 'recompute-or-reject' | 'either';
  item?: string;
  calculated?: Record<string, unknown>;
  ordinalSum?: number | null;
  unverifiable?: boolean;
}

const told = (value: unknown): unknown => (typeof value === 'object' && value !== null ? (value as Coding).code ?? (value as Quantity).value : value);

const present = existsSync(folder);
const published: Record<string, { responses: Record<string, Expected> }> = present ? read('expected.json') : {};
if (!present) it.skip(`published questionnaires are absent: ${folder}`, () => {});

for (const [name, { responses }] of Object.entries(published)) describe(name, () => {
  const questionnaire: Questionnaire = read(name, 'questionnaire.json');

  it('is taken in', () => expect(checkQuestionnaire(questionnaire).problems).toEqual([]));

  it('has an expectation for every response', () => expect(readdirSync(join(folder, name, 'responses')).sort()).toEqual(Object.keys(responses).sort()));

  it.each(Object.entries(responses))('%s', (file, expected) => {
    const response: QuestionnaireResponse = read(name, 'responses', file);
    const { troubles, evaluation } = completeResponse(questionnaire, response, input);
    if (expected.outcome === 'either') return;
    if (expected.outcome === 'invalid') {
      const [trouble] = troubles;
      const pointed = trouble?.linkId ?? trouble?.pointer.split('/').slice(1).reduce<any>((at, step) => at[step], response);
      expect(pointed).toBe(expected.item);
      expect(troubles).toHaveLength(1);
      return;
    }
    expect(troubles).toEqual([]);
    for (const [linkId, value] of Object.entries(expected.calculated ?? {})) {
      const values = evaluation!.calculated.filter((one) => one.linkId === linkId).map((one) => told(one.value));
      const wanted = value === null ? [] : Array.isArray(value) ? value : [value];
      expect(values).toEqual(wanted.map((one) => (typeof one === 'number' ? expect.closeTo(one, 6) : one)));
      if (value === null) expect(evaluation!.notComputed.map((one) => one.linkId)).toContain(linkId);
    }
    if (expected.ordinalSum !== undefined) expect(evaluation!.ordinalSum).toBe(expected.ordinalSum);
    if (expected.unverifiable) expect(evaluation!.notVerified).not.toEqual([]);
  });
});
