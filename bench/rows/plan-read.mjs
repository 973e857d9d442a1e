import { Gateway } from '@opora/gateway';
import { capture } from '../capture.mjs';
import { counsellor, fill, modules, personId } from '../people.mjs';
import { ratio, takeTurns } from '../rounds.mjs';

const PEOPLE = 10_000;

/** One gateway whose tables hold so many people. */
export const gatewayWith = async (ground, people, textsUrl, more = {}) => {
  const database = `people_${people}`;
  const gateway = await ground.start('gateway', { database, ...more });
  await fill(ground.adminOf(database), people, textsUrl);
  return gateway;
};

export const planRead = async (ground, { seconds, rounds, profile }) => {
  const textsUrl = await ground.child('texts.mjs')({ open: {} });
  const token = await ground.mint(counsellor);
  const authorization = `Bearer ${token}`;
  const captured = await capture(ground, Gateway, {
    fill: (url) => fill(url, 1, textsUrl),
    prepare: async (url) => {
      const request = { url: `${url}/v1/clients/${personId(0)}/plan`, init: { headers: { authorization } } };
      await fetch(request.url, request.init);
      return request;
    },
  });
  if (captured.statements.length !== 1) throw new Error(`A plan read is ${captured.statements.length} statements`);
  const gateway = await gatewayWith(ground, PEOPLE, textsUrl, { profile });
  const twinUrl = await ground.child('twin.mjs')({ open: { ...captured, captured: personId(0), databaseUrl: gateway.runtimeUrl, service: 'gateway', auditKey: ground.auditKey, tokens: ground.tokens, textsUrl, modules } });
  const load = ground.child('load.mjs');
  const p99s = {};
  const side = (name, url, path) => async () => {
    const { perSecond, p99 } = await load({ run: { url, path, people: PEOPLE, headers: { authorization }, seconds } });
    (p99s[name] ??= []).push(p99);
    return perSecond;
  };
  const numbers = await takeTurns({
    ours: side('ours', gateway.url, '/v1/clients/{person}/plan'),
    same: side('same', twinUrl, '/same/{person}'),
    bare: side('bare', twinUrl, '/bare/{person}'),
    text: side('text', gateway.url, '/v1/clients/{person}/plan?include=text'),
    sameText: side('sameText', twinUrl, '/text/{person}'),
  }, rounds);
  await gateway.stop();
  const { ours, same, bare, text, sameText } = numbers;
  const unit = 'requests/s';
  return [
    { what: `Plan read, 7 sections, against raw Fastify + pg with the same select, audit row and token check`, ours, other: same, unit, ratio: ratio(ours, same), aim: '≥ 0.8' },
    { what: '… against bare Fastify + pg: the select of the entries, nothing else', ours, other: bare, unit, ratio: ratio(ours, bare) },
    { what: '… with `include=text`, against the raw one asking the same 7 modules', ours: text, other: sameText, unit, ratio: ratio(text, sameText) },
  ];
};
