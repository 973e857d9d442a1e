import type { TokenClaims } from '@opora/access';
import { createHash, randomBytes } from 'node:crypto';
import { secrets, type KeycloakServer } from './keycloak-server.js';

const redirect = `${secrets.OPORA_SCREENS_URL}/signed-in`;
const password = 'correct horse battery';

export interface Tokens { readonly access_token: string; readonly id_token: string; readonly refresh_token: string }

/** A user whom an administrator makes as docs/keycloak.md says: agency, client's id and roles are not the user's own to change. */
export const makeUser = async (keycloak: KeycloakServer, { sub: username, agency, roles, opora_client }: TokenClaims): Promise<string> => {
  const id = await keycloak.admin<string>('POST', '/users', {
    username, enabled: true, attributes: { agency: [agency], ...(opora_client && { opora_client: [opora_client] }) }, credentials: [{ type: 'password', value: password, temporary: false }],
  });
  const [{ id: opora }] = await keycloak.admin<[{ id: string }]>('GET', '/clients?clientId=opora');
  const known = await keycloak.admin<{ name: string }[]>('GET', `/clients/${opora}/roles`);
  await keycloak.admin('POST', `/users/${id}/role-mappings/clients/${opora}`, known.filter(({ name }) => roles.includes(name)));
  return id;
};

/** Signs somebody in as a browser would: the authorization code flow with PKCE, pushed beforehand, through Keycloak's own form. */
export const signIn = async ({ realm }: KeycloakServer, username: string): Promise<Tokens> => {
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    client_id: 'opora-screens', response_type: 'code', scope: 'openid', redirect_uri: redirect, state: randomBytes(8).toString('hex'),
    code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256',
  });
  const pushed = await fetch(`${realm}/protocol/openid-connect/ext/par/request`, { method: 'POST', body: query });
  const { request_uri } = await pushed.json() as { request_uri: string };
  const first = await fetch(`${realm}/protocol/openid-connect/auth?${new URLSearchParams({ client_id: 'opora-screens', request_uri })}`, { redirect: 'manual' });
  const cookie = first.headers.getSetCookie().map((one) => one.split(';')[0]).join('; ');
  const page = first.status === 302 ? await fetch(first.headers.get('location')!, { headers: { cookie } }) : first;
  const text = await page.text();
  const action = /action="([^"]+)"/.exec(text)?.[1]?.replaceAll('&amp;', '&');
  if (!action) throw new Error(`Keycloak showed no form to sign in: ${pushed.status}, ${page.status} ${/<p class="instruction">([^<]*)/.exec(text)?.[1] ?? text.slice(0, 300)}`);
  const answer = await fetch(action, { method: 'POST', redirect: 'manual', headers: { cookie }, body: new URLSearchParams({ username, password }) });
  const code = new URL(answer.headers.get('location') ?? redirect).searchParams.get('code');
  if (!code) throw new Error(`Keycloak did not sign ${username} in: ${answer.status}`);
  return token(realm, { client_id: 'opora-screens', grant_type: 'authorization_code', code, redirect_uri: redirect, code_verifier: verifier });
};

/** A program in its own name. */
export const asHotline = ({ realm }: KeycloakServer): Promise<Tokens> =>
  token(realm, { client_id: 'partner-hotline', client_secret: secrets.OPORA_HOTLINE_SECRET, grant_type: 'client_credentials' });

const token = async (realm: string, form: Record<string, string>): Promise<Tokens> => {
  const response = await fetch(`${realm}/protocol/openid-connect/token`, { method: 'POST', body: new URLSearchParams(form) });
  if (!response.ok) throw new Error(`No token: ${response.status} ${await response.text()}`);
  return response.json() as Promise<Tokens>;
};
