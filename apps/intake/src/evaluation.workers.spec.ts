import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { limitsMs, Evaluator } from './evaluator.js';
import { Starter, WorkerProcess } from './evaluation.process.js';
import { Workers } from './evaluation.workers.js';
import type { Evaluation } from './instruments/index.js';
import { readExpression } from './instruments/reading.js';

const workers = new Workers();
const evaluator = new Evaluator(workers);
afterAll(() => workers.onModuleDestroy());

const sdc = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression';
const form = (expression: string, more: object = {}) => JSON.stringify({
  resourceType: 'Questionnaire', item: [{ linkId: 'many', type: 'string', repeats: true }, { linkId: 'total', type: 'integer', extension: [{ url: sdc, valueExpression: { language: 'text/fhirpath', expression } }], ...more }] });
const now = '2026-03-01T09:30:00.000Z';
const answers = (count: number) => ({ resourceType: 'QuestionnaireResponse', item: [{ linkId: 'many', answer: Array.from({ length: count }, (_, i) => ({ valueString: `a${i}` })) }] });
const respond = (expression: string, count = 1, agency = 'centre') => evaluator.respond({ agency, questionnaire: form(expression), response: answers(count), status: 'completed', now, pointer: '/response' });
const refusal = { kind: 'invalid', code: 'limit-exceeded', errors: [expect.objectContaining({ code: 'limit-exceeded', pointer: '/response' })] };

/** 'xxxx…' of 100 × 2ⁿ characters, without one that long in the text. */
const doubled = (times: number, use: string) =>
  `%resource.defineVariable('v0', '${'x'.repeat(100)}')${Array.from({ length: times }, (_, i) => `.defineVariable('v${i + 1}', %v${i} & %v${i})`).join('')}.select(${use.replaceAll('%s', `%v${times}`)})`;
const ten = '(1|2|3|4|5|6|7|8|9|10)';
/** Of time alone: a process that runs out of memory cannot say where it was. */
const lasting = `${`${ten}.all(`.repeat(9)}true${')'.repeat(9)}`;
const long = `iif(${lasting}, 1, 2)`;

it('works out in another process what the engine works out here', async () => {
  const { evaluation } = await respond("%resource.item.where(linkId = 'many').answer.count()", 3);
  expect(evaluation).toMatchObject({ scores: [{ linkId: 'total', value: 3 }] });
});

it.each([
  ['time', long, 1],
  ['time, by a union of many', '%resource.item.answer.value.select(%resource.item.answer.value | $this).count()', 3000],
  ['time, by a pattern of many parts', `('${'a'.repeat(3000)}!').matches('^a*a*a*a*a*b')`, 1],
  ['time, by a pattern of parts in parts', `('${'a'.repeat(60)}!').matches('^(a+)+$')`, 1],
  ['time, by a repetition of new values', '1.repeat($this + 1).count()', 1],
  ['memory, by a list', '%resource.item.answer.aggregate($total.combine($total).combine($this), 1).count()', 60],
  ['memory, by a text', doubled(22, "%s.replace('x', 'yyyy').length()"), 1],
  ['memory, by the letters of a text', doubled(21, '%s.toChars().count()'), 1],
])('refuses what takes too much %s', async (what, expression, count) => {
  expect(readExpression(expression).wrong).toBeUndefined();
  const began = performance.now();
  await expect(respond(expression, count, what)).rejects.toMatchObject(refusal);
  expect(performance.now() - began).toBeLessThan(limitsMs.evaluate + 12_000);
  // The next one finds a fresh process.
  expect((await respond('1 + 1', 1, what)).evaluation).toMatchObject({ scores: [{ value: 2 }] });
});

it('refuses answers that a pattern of the form never comes to an end with, and says where', async () => {
  const { item: [, ...items], ...rest } = JSON.parse(form('1')) as { item: object[] };
  const questionnaire = JSON.stringify({ ...rest, item: [{ linkId: 'many', type: 'string', repeats: true, extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/regex', valueString: '(a+)+' }] }, ...items] });
  const response = { resourceType: 'QuestionnaireResponse', item: [{ linkId: 'many', answer: [{ valueString: `${'a'.repeat(60)}!` }] }] };
  await expect(evaluator.respond({ agency: 'patterns', questionnaire, response, status: 'completed', now, pointer: '/response' }))
    .rejects.toMatchObject({ ...refusal, errors: [expect.objectContaining({ detail: expect.stringContaining('/item/0') })] });
});

it('refuses a form that takes too long with no answers at all, and says where', async () => {
  const { problems } = await evaluator.check(form(long), 'takes in');
  expect(problems).toMatchObject([{ code: 'limit-exceeded', pointer: '/item/1' }]);
});

it('lets one busy worker keep nobody else waiting', async () => {
  const endless = respond(long, 1, 'a newcomer').catch((error: unknown) => error);
  const told: string[] = [];
  await Promise.all([endless.then(() => told.push('endless')), respond('2', 1, 'another').then(() => told.push('other'))]);
  expect(told).toEqual(['other', 'endless']);
  expect(workers.count).toBeLessThanOrEqual(2);
});

it('hands out the items that are asked for, each without those below it', async () => {
  const questionnaire = JSON.stringify({ resourceType: 'Questionnaire', title: 'x', item: [{ linkId: 'g', type: 'group', text: 'G', item: [{ linkId: 'a', type: 'string' }, { linkId: 'b', type: 'string' }] }] });
  expect(await evaluator.excerpt(questionnaire, ['b', 'g', 'nobody'], 'centre')).toEqual({ resourceType: 'Questionnaire', item: [{ linkId: 'g', type: 'group', text: 'G' }, { linkId: 'b', type: 'string' }] });
});

it('tells every condition but the endless ones', async () => {
  const { evaluation } = await respond('1');
  const outcomes = await evaluator.conditions(form('1'), evaluation as Evaluation, ["score('total') = 1", lasting, "score('total') = 2"], { agency: 'rules', now });
  expect(outcomes).toMatchObject([{ met: true }, { met: false, reason: 'limit-exceeded' }, { met: false, scoresRead: ['total'] }]);
  expect(outcomes[2]!.reason).toBeUndefined();
  const hungry = doubled(21, '%s.toChars().count() > 1');
  expect(await evaluator.conditions(form('1'), evaluation as Evaluation, [hungry, "score('total') = 1"], { agency: 'other rules', now })).toMatchObject([{ reason: 'limit-exceeded' }, { met: true }]);
});

it('that ends while it starts fails the work that waits for it, and nothing else', async () => {
  const starter = new Starter();
  const starting = new WorkerProcess(starter, { givesWay: false });
  const work = starting.perform('check', { document: '{}' }, 100);
  starting.end();
  await expect(work).rejects.toThrow('did not start');
  starter.end();
});

/** Linux tells of each process who started it. */
const startedBy = (parent: number, name: string): number[] => readdirSync('/proc').filter((entry) => /^\d+$/.test(entry)).map(Number).filter((pid) => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(name) && Number(readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) \S+ /s, '').split(' ')[0]) === parent;
  } catch {
    return false;
  }
});

(existsSync('/proc/self/stat') ? it : it.skip)('are started by one small process, and by another one when that ends; the service starts none of them', async () => {
  await respond('1', 1, 'a first one');
  const [starter, ...more] = startedBy(process.pid, 'evaluation.starter');
  expect([startedBy(process.pid, 'evaluation.worker'), more]).toEqual([[], []]);
  expect(startedBy(starter!, 'evaluation.worker').length).toBeGreaterThan(0);
  const unfinished = respond(long, 1, 'a first one');
  process.kill(starter!, 'SIGKILL');
  await expect(unfinished).rejects.toMatchObject(refusal);
  expect((await respond('1 + 1', 1, 'a second one')).evaluation).toMatchObject({ scores: [{ value: 2 }] });
  const [other] = startedBy(process.pid, 'evaluation.starter');
  expect(other).not.toBe(starter);
}, 60_000);

it('reads its expressions there, too', async () => {
  expect(await evaluator.compile("score('total') > 1", form('1'), 'centre')).toEqual([]);
  expect(await evaluator.compile("score('nobody') > 1", form('1'), 'centre')).toMatchObject([{ code: 'unknown-linkId' }]);
});

it('keeps what is not quick of an agency whose form took too long waiting, behind that of others', async () => {
  await expect(respond(long, 1, 'hostile')).rejects.toMatchObject(refusal);
  const told: string[] = [];
  const ask = (agency: string, expression: string, as: string) => respond(expression, 1, agency).catch(() => undefined).then(() => told.push(as));
  await Promise.all([ask('hostile', long, 'first'), ask('hostile', long, 'second'), ask('new', long, 'first of another'), ask('bureau', '1', 'quick')]);
  expect(told).toEqual(['quick', 'first of another', 'first', 'second']);
  expect(workers.count).toBeLessThanOrEqual(2);
}, 60_000);
