import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The realm that docs/keycloak.md hands out. */
const text = readFileSync(join(import.meta.dirname, '../../../deploy/keycloak/opora-realm.json'), 'utf8');
interface Client { clientId: string; secret?: string; publicClient: boolean; redirectUris?: string[]; defaultClientScopes: string[]; optionalClientScopes: string[]; attributes?: Record<string, string>; implicitFlowEnabled: boolean; directAccessGrantsEnabled: boolean; serviceAccountsEnabled: boolean; standardFlowEnabled: boolean }
const realm = JSON.parse(text) as Record<string, unknown> & { clients: Client[]; users: { username: string; credentials?: unknown }[] };
const client = (id: string): Client => realm.clients.find(({ clientId }) => clientId === id)!;

describe('The realm for Keycloak', () => {
  it('has no person and no secret in it', () => {
    expect(realm.users.map(({ username, credentials }) => [username, credentials])).toEqual([['service-account-partner-hotline', undefined]]);
    for (const { secret } of realm.clients) expect(secret ?? '${none}').toMatch(/^\$\{\w+\}$/);
  });

  it('asks for passwords of 12 to 128 characters, of any kind, for as long as they are good', () => {
    expect(realm['passwordPolicy']).toMatch(/length\(12\) and maxLength\(128\)/);
    expect(realm['passwordPolicy']).not.toMatch(/upperCase|digits|specialChars|forceExpired/);
  });

  it('ends sessions after 30 idle minutes and twelve hours, tokens after five minutes, codes after one, refresh tokens after one use', () => {
    expect(realm).toMatchObject({ ssoSessionIdleTimeout: 1800, ssoSessionMaxLifespan: 43_200, accessTokenLifespan: 300, accessCodeLifespan: 60, revokeRefreshToken: true, refreshTokenMaxReuse: 0, bruteForceProtected: true, permanentLockout: false });
  });

  it('lets nobody sign in but by code, with PKCE and pushed requests, to one exact address: neither implicit nor password grants', () => {
    for (const one of realm.clients) expect([one.clientId, one.implicitFlowEnabled, one.directAccessGrantsEnabled]).toEqual([one.clientId, false, false]);
    expect(client('opora-screens').attributes).toMatchObject({ 'pkce.code.challenge.method': 'S256', 'require.pushed.authorization.requests': 'true' });
    expect(client('opora-screens').redirectUris).toEqual(['${OPORA_SCREENS_URL}/signed-in']);
    expect(realm.clients.filter(({ serviceAccountsEnabled, standardFlowEnabled }) => serviceAccountsEnabled && standardFlowEnabled)).toEqual([]);
  });

  it('gives each client the scopes that it needs, and no name into any token', () => {
    expect(realm.clients.map(({ clientId, defaultClientScopes, optionalClientScopes }) => [clientId, ...defaultClientScopes, ...optionalClientScopes])).toEqual([
      ['opora', 'basic'], ['opora-screens', 'basic', 'opora'], ['partner-hotline', 'basic', 'service_account', 'opora'],
    ]);
    expect(text).not.toMatch(/"claim\.name": "(email|name|given_name|family_name|preferred_username|phone_number)"/);
  });
});
