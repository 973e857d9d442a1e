import { Health } from './health.js';

const health = (database: boolean, behindMs: number, phase: Health['phase'] = 'up') =>
  Object.assign(new Health({ answers: async () => database }, () => behindMs), { phase }).readiness();

it.each<[string, ReturnType<typeof health>, string[]]>([
  ['all is well', health(true, 20), []],
  ['only the broker is away', health(true, 60_000), []],
  ['nothing was ever heard', health(true, Infinity), []],
  ['the database is away', health(false, 20), ['database']],
  ['it is about to stop', health(true, 20, 'stopping'), ['stopping']],
  ['it is still starting, and the database is away', health(false, Infinity, 'starting'), ['starting', 'database']],
])('when %s', async (_, readiness, reasons) => {
  expect(await readiness).toMatchObject({ status: reasons.length === 0 ? 'ready' : 'not-ready', reasons });
});

it('names a broker that is away without calling the service unready for it', async () => {
  expect(await health(true, 60_000)).toEqual({ status: 'ready', reasons: [], checks: [{ name: 'service', status: 'up' }, { name: 'database', status: 'up' }, { name: 'broker', status: 'behind' }] });
});
