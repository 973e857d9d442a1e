// What hostile forms there are: each attack prepares what it needs and answers with what one agency then sends by turns.
const sdc = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-';
const fhirpath = (url, expression, name) => ({ url, valueExpression: { ...(name && { name }), language: 'text/fhirpath', expression } });
const calculated = (expression) => [fhirpath(`${sdc}calculatedExpression`, expression)];
const form = (item, more = {}) => ({ resourceType: 'Questionnaire', ...more, item });
const total = (expression) => ({ linkId: 'total', type: 'integer', extension: calculated(expression) });
const many = { linkId: 'many', type: 'string', repeats: true };
const response = (values) => ({ resourceType: 'QuestionnaireResponse', item: [{ linkId: 'many', answer: values.map((valueString) => ({ valueString })) }] });

const answers = (count) => response(Array.from({ length: count }, (_, i) => `a${i}`));
/** Its answers, compared each with each, take minutes. */
const union = '%resource.item.answer.value.select(%resource.item.answer.value | $this).count()';
const ten = '(1|2|3|4|5|6|7|8|9|10)';
const nested = `${ten}${`.select(${ten}`.repeat(8)}${')'.repeat(8)}.count()`;
const backtracking = `('${'a'.repeat(60)}!').matches('^(a+)+$')`;
const MB = 1024 * 1024;

/** Nearly as much as is taken. */
const filled = (make) => {
  let last = make(1);
  for (let n = 64; n < 5000 && Buffer.byteLength(last) < 1.85 * MB; n += 64) last = make(n);
  return last;
};
const range = (n, make) => Array.from({ length: n }, (_, i) => make(i));
const deep = (levels) => range(levels, (i) => levels - i).reduce((item, n) => [{ linkId: `g${n}`, type: 'group', ...(item && { item }) }], undefined);

/** Up to 2 MB each; most are refused, some only after they took all the time there is. */
const takenIn = () => [
  JSON.stringify(form(deep(1000))),
  `{"resourceType":"Questionnaire","item":${'['.repeat(900_000)}${']'.repeat(900_000)}}`,
  filled((n) => JSON.stringify(form(range(n, (i) => ({ linkId: `e${i}`, type: 'decimal', extension: calculated(`${'1 + '.repeat(200)}${i}`) }))))),
  filled((n) => JSON.stringify(form(range(n, (i) => ({ linkId: `p${i}`, type: 'string', extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/regex', valueString: `^(a+)+${'(b|b)*'.repeat(60)}$` }] }))))),
  filled((n) => JSON.stringify(form([{ linkId: 'set', type: 'choice', answerValueSet: '#vs' }], { contained: [{ resourceType: 'ValueSet', id: 'vs', compose: { include: [{ system: 'urn:x', concept: range(n * 8, (i) => ({ code: `c${i}`, display: 'word '.repeat(8) })) }] } }] }))),
  filled((n) => JSON.stringify(form(range(n, (i) => ({ linkId: `w${i}`, type: 'boolean', text: 't'.repeat(300), enableWhen: [{ question: `w${n - i}`, operator: '=', answerBoolean: true }] }))))),
  JSON.stringify(form([total(nested)])),
  JSON.stringify(form([total(backtracking)])),
  JSON.stringify(form([total('1.repeat($this + 1).count()')])),
  JSON.stringify({ text: 'x'.repeat(1.9 * MB) }),
  `[${'1,'.repeat(900_000)}1]`,
];

export const attacks = {
  /** A screening's answers make the form endless. */
  answers: async ({ post, created, publish }) => {
    const instrumentId = await created('instruments', form([many, total(union)]));
    await publish(instrumentId);
    const screeningId = await created('screenings', { clientId: await created('clients', { anonymous: true }), instrumentId });
    return [post(`screenings/${screeningId}/complete`, JSON.stringify({ response: answers(4000) }))];
  },

  taking: ({ post }) => takenIn().map((body) => post('instruments', body)),

  /** Large forms that may be taken in, and are published. */
  publishing: async ({ post, created }) => {
    const large = filled((n) => JSON.stringify(form(range(n, (i) => ({ linkId: `t${i}`, type: 'string', text: 'слово '.repeat(60) })))));
    const ids = await Promise.all(range(3, () => created('instruments', JSON.parse(large))));
    return [post('instruments', large), ...ids.map((id) => post(`instruments/${id}/publish`, '{}'))];
  },

  trying: async ({ post, created }) => {
    const endless = await created('instruments', form([many, total(`iif(%resource.item.answer.count() > 1, ${union}, 1)`)]));
    const patterns = await created('instruments', form([many, total("%resource.item.answer.value.where(matches('^(a+)+$')).count()")]));
    const traced = await created('instruments', form([many, ...range(400, (i) => ({ linkId: `x${i}`, type: 'string', extension: calculated(`%resource.item.where(linkId = 'many').answer.value.select($this & '${'y'.repeat(400)}').first() & '${i}'`) }))]));
    const body = (instrumentId, ...responses) => post('instruments:try', JSON.stringify({ instrumentId, responses }));
    return [body(endless, answers(4000)), body(patterns, response([`${'a'.repeat(60)}!`])), body(traced, ...range(5, () => answers(500)))];
  },
};
