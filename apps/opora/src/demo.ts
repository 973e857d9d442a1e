import type { TokenClaims } from '@opora/access';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { playJourney } from './demo/journey.js';
import { Person } from './demo/person.js';
import { planPage } from './demo/plan-page.js';
import { people, type Running } from './welcome.js';

class NotRunning extends Error {}

const file = join(process.env['OPORA_FOLDER'] ?? '.opora', 'running.json');

/** The development issuer of the running system gives the tokens. */
const minting = (issuer: string) => async (claims: TokenClaims): Promise<string> => {
  const response = await fetch(`${issuer}/tokens`, { method: 'POST', body: JSON.stringify(claims) });
  return ((await response.json()) as { token: string }).token;
};

try {
  if (!existsSync(file)) throw new NotRunning();
  const { gateway, issuer } = JSON.parse(readFileSync(file, 'utf8')) as Running;
  const mint = minting(issuer);
  await mint(people['counsellor']!).catch(() => { throw new NotRunning(); });
  const clientId = await playJourney({ gateway, mint, say: (line) => console.log(line) });
  const { body } = await new Person(gateway, await mint(people['counsellor']!)).get(`/v1/clients/${clientId}/plan?expand=person&include=text`, { 'accept-language': 'ru' });
  console.log(`\n${planPage(body)}`);
} catch (error) {
  console.error(error instanceof NotRunning ? 'Start Opora first, in another terminal: npm start' : error);
  process.exitCode = 1;
}
