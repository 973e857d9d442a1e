import { Intake } from '@opora/intake';
import { randomUUID } from 'node:crypto';
import { capture } from '../capture.mjs';
import { ratio, takeTurns } from '../rounds.mjs';

const worker = { sub: 'irina', agency: 'centre', roles: ['intake-worker'] };

/** What one worker sends; answers with what was made. */
export const caller = (url, token) => async (path, body) => {
  const answer = await fetch(`${url}/v1/intake/${path}`, { method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return { body: await answer.json(), headers: answer.headers };
};

export const person = async (send) => (await send('clients', { anonymous: true })).body.id;

/** A request for help is registered: the state, a fact, the outbox, the audit. */
export const command = async (ground, { seconds, rounds, profile }) => {
  const token = await ground.mint(worker);
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const bodyOf = (clientId, id) => JSON.stringify({ id, source: 'self', clientId, needCodes: ['legal'] });
  const id = randomUUID();
  let strangerId;
  const captured = await capture(ground, Intake, {
    prepare: async (url) => {
      const send = caller(url, token);
      strangerId = await person(send);
      await send('help-requests', { source: 'self', clientId: strangerId, needCodes: ['legal'] });
      return { url: `${url}/v1/intake/help-requests`, init: { method: 'POST', headers, body: bodyOf(strangerId, id) } };
    },
  });
  const intake = await ground.start('intake', { profile });
  const clientId = await person(caller(intake.url, token));
  const { statements, audited } = JSON.parse(JSON.stringify(captured).replaceAll(strangerId, clientId));
  const [load, twin] = [ground.child('load.mjs'), ground.child('twin.mjs')];
  const numbers = await takeTurns({
    ours: async () => (await load({ run: { url: intake.url, method: 'POST', path: '/v1/intake/help-requests', headers, body: bodyOf(clientId, '{id}'), seconds } })).perSecond,
    bare: () => twin({ replay: { statements, audited, captured: id, databaseUrl: intake.runtimeUrl, service: 'intake', auditKey: ground.auditKey, seconds } }),
  }, rounds);
  await intake.stop();
  return [{
    what: `Command with outbox and audit, against the same ${statements.length} statements through bare pg, audit rows awaited before the commit`,
    ours: numbers.ours, other: numbers.bare, unit: 'commands/s', ratio: ratio(numbers.ours, numbers.bare), aim: '≥ 0.6',
  }];
};
