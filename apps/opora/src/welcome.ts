import type { TokenClaims } from '@opora/access';
import type { Configuration } from './configuration.js';
import { playJourney } from './demo/journey.js';
import { planPage } from './demo/plan-page.js';
import { Person } from './demo/person.js';
import type { Folder } from './folder.js';
import type { System } from './system.js';

/** Whom a newcomer can be. */
export const people: Readonly<Record<string, TokenClaims>> = {
  'intake-worker': { sub: 'irina', agency: 'centre', roles: ['intake-worker'] },
  counsellor: { sub: 'konstantin', agency: 'centre', roles: ['counsellor'] },
  'legal-aid practitioner': { sub: 'lidia', agency: 'bureau', roles: ['legal-aid:practitioner'] },
  supervisor: { sub: 'svetlana', agency: 'centre', roles: ['supervisor'] },
  auditor: { sub: 'andrei', agency: 'centre', roles: ['auditor'] },
  admin: { sub: 'alla', agency: 'centre', roles: ['admin'] },
};

/** Where a running system is reached: the demo reads it. */
export interface Running { readonly gateway: string; readonly issuer: string }

interface Played { readonly clientId: string }

/** Plays the demo once, then tells a newcomer all that is needed to go on. */
export const welcome = async (config: Configuration, folder: Folder, { gateway, issuer }: System): Promise<void> => {
  folder.write('running.json', { gateway, issuer: issuer.issuer } satisfies Running);
  const call = (claims: TokenClaims) => issuer.mint(claims).then((token) => new Person(gateway, token));

  let played = folder.read<Played>('demo.json');
  if (!played && config.OPORA_DEMO === 'first-start' && config.OPORA_SERVICES.split(',').length === 3) {
    console.log('Playing the demo journey …');
    played = { clientId: await playJourney({ mint: (claims) => issuer.mint(claims), gateway, say: () => undefined }) };
    folder.write('demo.json', played);
  }
  console.log(`\nOpora is running.\n\n  Gateway        ${gateway}\n  API reference  ${gateway}/reference\n  Tokens         ${issuer.issuer}/tokens\n\nDevelopment tokens (12 hours):\n`);
  for (const [role, claims] of Object.entries(people)) console.log(`  ${role} (${claims.sub}, ${claims.agency})\n  ${await issuer.mint(claims)}\n`);
  if (played) {
    const claims = { sub: 'client', agency: 'centre', roles: ['client'], opora_client: played.clientId };
    console.log(`  client (the demo person)\n  ${await issuer.mint(claims)}\n`);
    const { body } = await (await call(people['counsellor']!)).get(`/v1/clients/${played.clientId}/plan?expand=person&include=text`);
    console.log(`${planPage(body)}\nTry it:\n  curl -H "Authorization: Bearer <counsellor token>" ${gateway}/v1/clients/${played.clientId}/plan\n`);
  }
  console.log('Ctrl-C stops everything. `npm run demo` plays the journey for a new person.');
};
