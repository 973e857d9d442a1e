import { decodeJwt, decodeProtectedHeader } from 'jose';
import type { TokenClaims } from '@opora/access';
import { Counselling } from '@opora/counselling';
import { Gateway } from '@opora/gateway';
import { Intake } from '@opora/intake';
import { LegalAid } from '@opora/legal-aid';
import { caller, eventually, startHarness, type Harness } from '@opora/testing';
import { settingsOf, ServiceVariables, readConfiguration } from '@opora/service';
import { playJourney } from '../src/demo/journey.js';
import { secrets, startKeycloak, type KeycloakServer } from './keycloak/keycloak-server.js';
import { asHotline, makeUser, signIn, type Tokens } from './keycloak/signing-in.js';

/** Services that are configured as docs/keycloak.md says, with tokens of a real Keycloak. */
describe('With Keycloak', () => {
  let keycloak: KeycloakServer;
  let harness: Harness;
  let gateway: string;
  let clientId: string;
  const users = new Map<string, string>();
  const signedIn = new Map<string, Tokens>();

  const as = async (claims: TokenClaims): Promise<Tokens> => {
    const { sub } = claims;
    if (!users.has(sub)) users.set(sub, await makeUser(keycloak, claims));
    if (!signedIn.has(sub)) signedIn.set(sub, await signIn(keycloak, sub));
    return signedIn.get(sub)!;
  };
  const call = (token: string, service = 'gateway') => caller(harness.url(service), token);
  const counsellor = { sub: 'konstantin', agency: 'centre', roles: ['counsellor'] };
  const outsider = { sub: 'oleg', agency: 'elsewhere', roles: ['counsellor'] };
  const clientOf = (id: string) => ({ sub: `client-${id}`, agency: 'centre', roles: ['client'], opora_client: id });

  beforeAll(async () => {
    keycloak = await startKeycloak();
    const variables = readConfiguration(ServiceVariables, {
      TOKEN_ISSUER: keycloak.realm, TOKEN_JWKS_URI: `${keycloak.realm}/protocol/openid-connect/certs`, TOKEN_INTROSPECTION_URI: `${keycloak.realm}/protocol/openid-connect/token/introspect`,
      TOKEN_INTROSPECTION_SECRET: secrets.OPORA_INTROSPECTION_SECRET, AUDIT_KEY: '-----BEGIN PRIVATE KEY-----', DATABASE_URL: 'postgres://x', DATABASE_OWNER_URL: 'postgres://x', KAFKA_BROKERS: 'x:1',
    });
    harness = await startHarness([], { tokens: settingsOf(variables, {}).tokens, agency: 'centre' });
    const intake = await harness.boot(Intake);
    await harness.boot(LegalAid, { agency: 'bureau', environment: { LEGAL_AID_CLIENTS_MATCH_AT: `${intake.url}/v1/intake` } });
    for (const service of [Counselling, Gateway]) await harness.boot(service);
    gateway = harness.url('gateway');
  }, 300_000);
  afterAll(async () => {
    await harness?.close();
    await keycloak?.stop();
  });

  it('plays a whole case: intake, counselling, legal aid and the client, each signed in', async () => {
    await eventually(async () => call((await as(counsellor)).access_token).get('/v1/modules'), ({ body }) => body.items?.length >= 3);
    clientId = await playJourney({ gateway, mint: async (claims) => (await as(claims)).access_token, say: () => undefined });
    expect((await call((await as(clientOf(clientId))).access_token).get(`/v1/clients/${clientId}/plan`)).body).toMatchObject({ clientId });
  }, 60_000);

  it('puts into a token what we read, and no name', async () => {
    const { access_token } = await as(counsellor);
    expect(Object.keys(decodeJwt(access_token)).sort()).toEqual(['agency', 'aud', 'auth_time', 'azp', 'exp', 'iat', 'iss', 'jti', 'roles', 'scope', 'sid', 'sub', 'typ']);
    expect(decodeJwt(access_token)).toMatchObject({ aud: 'opora', agency: 'centre', roles: ['counsellor'], sub: users.get('konstantin') });
  });

  it('shows a plan to its own client and to those who share it, to nobody else', async () => {
    const other = '0199a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b';
    for (const claims of [outsider, clientOf(other)]) expect((await call((await as(claims)).access_token).get(`/v1/clients/${clientId}/plan`)).status).toBe(404);
    const { access_token } = await as(clientOf(clientId));
    expect((await call(access_token).get(`/v1/clients/${other}/plan`)).status).toBe(404);
    expect((await call(access_token).get(`/v1/intake/clients/${other}`)).status).toBe(404);
    expect((await call(access_token).get('/v1/legal-aid/matters')).status).toBe(403);
  });

  it('takes neither identity nor refresh tokens, nor tokens that are for others', async () => {
    const { id_token, refresh_token } = await as(counsellor);
    for (const token of [id_token, refresh_token]) expect(await call(token).get(`/v1/clients/${clientId}/plan`)).toMatchObject({ status: 401, body: { code: 'token-invalid' } });
  });

  it('lets nobody name an agency, a client or roles of their own', async () => {
    const { access_token } = await as(counsellor);
    const account = await fetch(`${keycloak.realm}/account`, { method: 'POST', headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' }, body: JSON.stringify({ username: 'konstantin', attributes: { agency: ['elsewhere'] } }) });
    expect(account.ok).toBe(false);
    expect((await keycloak.admin('GET', `/users/${users.get('konstantin')}`)).attributes).toEqual({ agency: ['centre'] });
  });

  it('lets an integrator’s program do what its own roles say, and nothing else', async () => {
    const { access_token } = await asHotline(keycloak);
    expect(decodeJwt(access_token)).toMatchObject({ client_id: 'partner-hotline', agency: 'centre', roles: ['partner-hotline'] });
    const hotline = call(access_token);
    expect((await hotline.post('/v1/intake/help-requests', { source: 'self', needCodes: ['legal'] })).status).toBe(201);
    for (const path of ['/v1/intake/help-requests', `/v1/intake/clients/${clientId}`, '/v1/intake/admin/dead-letters']) expect((await hotline.get(path)).status).toBe(403);
    expect((await hotline.get('/v1/legal-aid/matters')).status).toBe(403);
  });

  it('goes on without a gap when the realm gets a new key, also with what the old one signed', async () => {
    const { access_token: before } = await as(counsellor);
    const realm = (await keycloak.admin('GET', '')).id;
    await keycloak.admin('POST', '/components', { name: 'next', providerId: 'rsa-generated', providerType: 'org.keycloak.keys.KeyProvider', parentId: realm, config: { priority: ['200'], algorithm: ['RS256'] } });
    const { access_token: after } = await signIn(keycloak, 'konstantin');
    expect(decodeProtectedHeader(after).kid).not.toBe(decodeProtectedHeader(before).kid);
    for (const token of [after, before]) for (const service of ['gateway', 'intake']) expect((await call(token, service).get(service === 'gateway' ? `/v1/clients/${clientId}/plan` : `/v1/intake/clients/${clientId}`)).status).toBe(200);
  });

  /** Refused at both doors, or what is left after a minute. */
  const refusedWithinAMinute = async (token: string, path: string): Promise<number> => {
    const from = performance.now();
    await eventually(() => Promise.all(['gateway', 'intake'].map((service) => call(token, service).get(path))), (replies) => replies.every(({ status, body }) => status === 401 && body.code === 'token-revoked'), 60_000);
    return performance.now() - from;
  };

  it('refuses within a minute: an integrator that was disabled, a person who was disabled, a session that was ended', async () => {
    const hotline = (await asHotline(keycloak)).access_token;
    const gone = (await as(outsider)).access_token;
    const left = (await as({ sub: 'lena', agency: 'centre', roles: ['intake-worker'] })).access_token;
    const path = '/v1/intake/help-requests';
    expect([(await call(hotline).get(path)).status, (await call(left).get(path)).status]).toEqual([403, 200]);
    expect((await call(gone).get(`/v1/clients/${clientId}/plan`)).status).toBe(404);
    const [{ id }] = await keycloak.admin<[{ id: string }]>('GET', '/clients?clientId=partner-hotline');
    await keycloak.admin('PUT', `/clients/${id}`, { enabled: false });
    await keycloak.admin('PUT', `/users/${users.get('oleg')}`, { ...await keycloak.admin('GET', `/users/${users.get('oleg')}`), enabled: false });
    await keycloak.admin('POST', `/users/${users.get('lena')}/logout`);
    const took = await Promise.all([hotline, gone, left].map((token) => refusedWithinAMinute(token, path)));
    for (const ms of took) expect(ms).toBeLessThan(60_000);
    await expect(asHotline(keycloak)).rejects.toThrow('invalid_client');
  }, 90_000);
});
