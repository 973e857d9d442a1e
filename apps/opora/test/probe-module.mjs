// A module that Opora has never heard of, in one file of plain Node: it knows the documented contracts and nothing else.
// How it reaches the others, one of the two:
//   PROBE_GATEWAY  the gateway's address, and PROBE_TOKEN, its own token (role `module`, sub `probe`): over the door, where all is one process
//   PROBE_KAFKA    `host:port,…`: in a region
// and
//   PROBE_ISSUER   whose tokens it trusts       PROBE_PORT    where it listens
//   PROBE_LIFECYCLE  active | retiring | gone   (gone: says so and exits)
import { createCipheriv, createDecipheriv, createPublicKey, randomBytes, randomUUID, verify } from 'node:crypto';
import { createServer } from 'node:http';
import { Kafka, logLevel, Partitioners } from 'kafkajs';

const { PROBE_GATEWAY: gateway, PROBE_KAFKA: brokers, PROBE_TOKEN: token, PROBE_ISSUER: issuer, PROBE_PORT: port, PROBE_LIFECYCLE: lifecycle = 'active' } = process.env;
const agency = 'probe-agency';
const offerTitle = { system: 'urn:opora:offer:probe', code: 'art-class', en: 'Art class', ru: 'Занятия рисованием' };
const now = () => new Date().toISOString();

const heard = ['opora.referrals.v1', 'opora.consents.v1', 'opora.erasures.v1'];
/** By clientId, as last heard; null when the person is erased. */
const consents = new Map();

// ── over the door
function overDoor() {
  async function door(method, path, body) {
    const response = await fetch(`${gateway}/v1/broker/${path}`, {
      method, headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) }, ...(body && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`door: ${response.status} ${await response.text()}`);
    return response.status === 204 ? undefined : response.json();
  }
  return {
    say: (...records) => door('POST', 'records', { records }),
    async listen(hear) {
      for (;;) {
        try {
          const { items } = await door('GET', `records?topics=${heard}&waitMs=5000`);
          for (const { topic, key, headers, data } of items) await hear(topic, key, headers, data);
          for (const topic of heard) {
            const last = items.findLast((item) => item.topic === topic);
            if (last) await door('POST', 'cursors', { topic, position: last.position });
          }
        } catch (error) {
          console.error(error.message);
          await new Promise((resolve) => setTimeout(resolve, 500));
        }
      }
    },
  };
}

// ── on Kafka facts about a person are sealed with the person's own key, which stands in the consent state
const boundTo = ({ ce_id, ce_type }) => Buffer.from(`${ce_id} ${ce_type}`);
function open(headers, value, key) {
  const decipher = createDecipheriv('aes-256-gcm', Buffer.from(key, 'base64url'), value.subarray(0, 12)).setAAD(boundTo(headers)).setAuthTag(value.subarray(-16));
  return Buffer.concat([decipher.update(value.subarray(12, -16)), decipher.final()]);
}
function seal(headers, text, key) {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(key, 'base64url'), nonce).setAAD(boundTo(headers));
  const value = Buffer.concat([nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()]);
  return { value, headers: { ...headers, 'content-type': 'application/octet-stream', ce_sealed: 'A256GCM' } };
}

// ── over Kafka: CloudEvents in binary mode, the key's hash chooses the partition as in Kafka's own clients (murmur2)
async function overKafka() {
  const kafka = new Kafka({ brokers: brokers.split(','), clientId: 'probe', logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false, createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  const topicOf = (type) => `opora.${{ module: 'modules', watermark: 'watermarks', 'plan-entry': 'plan-entries', referral: 'referrals', erasure: 'erasures' }[type.split('.')[1]]}.v1`;
  const written = (type, key, data, headers) => {
    const secret = type.startsWith('opora.referral.') && consents.get(key)?.key;
    return secret ? seal(headers, JSON.stringify(data), secret) : { headers, value: data === null ? null : JSON.stringify(data) };
  };
  /** What came before the key that opens it, by clientId: in its order. */
  const waiting = new Map();
  return {
    say: (...records) => producer.sendBatch({
      topicMessages: records.map(({ type, key, subject = key, sequence = 0, data }) => ({
        topic: topicOf(type), messages: [{ key, ...written(type, key, data, {
          'content-type': 'application/json', ce_specversion: '1.0', ce_id: randomUUID(), ce_source: 'probe', ce_type: type, ce_subject: subject, ce_time: now(),
          ce_dataschema: `urn:opora:event:${type}:1.0.0`, ce_partitionkey: key, ce_sequence: String(sequence), ce_agency: agency,
        }) }],
      })),
    }),
    async listen(hear) {
      const consumer = kafka.consumer({ groupId: 'probe', allowAutoTopicCreation: false });
      await consumer.connect();
      await consumer.subscribe({ topics: heard, fromBeginning: true });
      await consumer.run({
        eachMessage: async ({ topic, message: { key, headers, value } }) => {
          const attributes = Object.fromEntries(Object.entries(headers ?? {}).map(([name, text]) => [name, String(text)]));
          const about = String(key);
          const take = async () => {
            if (attributes.ce_sealed && consents.get(about) === null) return;
            let data;
            // kafkajs would hand it again and again, and nothing else: one record that nobody can read must not hold up the others.
            try { data = value && JSON.parse(attributes.ce_sealed ? open(attributes, value, consents.get(about).key) : value); } catch { return console.error(`not readable: ${topic} ${attributes.ce_id}`); }
            await hear(topic, about, attributes, data);
          };
          const early = attributes.ce_sealed && !consents.get(about)?.key && consents.get(about) !== null;
          if (early || (waiting.has(about) && topic !== 'opora.consents.v1')) return void waiting.set(about, [...waiting.get(about) ?? [], take]);
          await take();
          if (topic !== 'opora.consents.v1' || (!consents.get(about)?.key && consents.get(about) !== null)) return;
          for (const one of waiting.get(about) ?? []) await one();
          waiting.delete(about);
        },
      });
    },
  };
}

const { say, listen } = brokers ? await overKafka() : overDoor();

// ── what it tells the others
const announce = () => say({
  type: 'opora.module.announced', key: 'probe',
  data: lifecycle === 'gone' ? null : {
    module: 'probe', revision: Math.floor(Date.now() / 1000), version: '1.0.0', titles: { en: 'Art studio', ru: 'Студия рисования' },
    baseUrl: `http://127.0.0.1:${port}`, lifecycle, says: ['opora.referral.accepted', 'opora.plan-entry.recorded', 'opora.erasure.completed'],
    hears: ['opora.referral.requested', 'opora.consents.changed', 'opora.erasure.requested'],
    serves: ['openapi', 'plan-texts'],
    offers: lifecycle === 'active' ? [{
      code: 'art-class', agency, titles: { en: 'Art class', ru: 'Занятия рисованием' }, needs: ['psychological'], availability: 'open',
      cost: { amount: 0, currency: 'RUB' }, waitingDays: 1, requiredDocuments: [], languages: ['ru', 'en'], accessibility: [],
    }] : [],
  },
});
const watermark = () => say({ type: 'opora.watermark.reached', key: 'probe', data: { module: 'probe', at: now() } });

const referrals = new Map();
const entry = (referral) => ({
  type: 'opora.plan-entry.recorded', key: `probe/${referral.referralId}`, subject: referral.referralId, sequence: referral.version,
  data: {
    module: 'probe', entryId: referral.referralId, version: referral.version, aggregate: { id: referral.referralId, version: referral.version }, recordedAt: now(),
    clientId: referral.clientId, agency, kind: 'service', phase: referral.accepted ? 'active' : 'requested', title: offerTitle, dataClass: 'D1',
    because: [], needs: referral.needs, actions: referral.accepted ? [{ id: referral.actionId, title: { system: 'urn:probe', code: 'class', en: 'First class', ru: 'Первое занятие' }, start: referral.firstClass, status: 'planned' }] : [],
  },
});

// ── what it hears
/** No word about consent yet means no. */
const consented = (clientId) => consents.get(clientId)?.consents?.some(({ status, purpose, recipients, dataClasses, from, until }) =>
  status === 'given' && purpose === 'referral' && recipients.includes(agency) && dataClasses.includes('D1') && from <= now() && !(until <= now()));
/** Erasures asked for, by clientId. */
const requests = new Map();
async function hear(topic, key, headers, data) {
  if (headers.ce_type === 'opora.consents.changed') consents.set(key, data);
  if (headers.ce_type === 'opora.erasure.requested' && data?.clientId === key && data.erasureId && Array.isArray(data.aliases)) requests.set(key, data);
  // A request counts once the consent state says the same, which nobody but its owner can write.
  const request = requests.get(key);
  if (request && (consents.get(key) === null || consents.get(key)?.erasing === request.erasureId)) {
    requests.delete(key);
    await erase(request);
  }
  if (headers.ce_type !== 'opora.referral.requested' || data?.module !== 'probe' || referrals.has(data.referralId)) return;
  referrals.set(data.referralId, { ...data, version: 1, accepted: false });
  await say(entry(referrals.get(data.referralId)));
}

/** Everything about the person goes, its plan entries too, and that is said; also when there was nothing. */
async function erase({ erasureId, clientId, aliases }) {
  const own = [...referrals.values()].filter((referral) => [clientId, ...aliases].includes(referral.clientId));
  for (const { referralId } of own) referrals.delete(referralId);
  await say(
    ...own.map(({ referralId }) => ({ type: 'opora.plan-entry.recorded', key: `probe/${referralId}`, data: null })),
    { type: 'opora.erasure.completed', key: clientId, subject: erasureId, data: { erasureId, clientId, module: 'probe', kept: [] } },
  );
}

// ── what it answers
let keys;
async function actorOf(request) {
  const [head, body, signature] = (request.headers.authorization ?? '').replace(/^Bearer /, '').split('.');
  keys ??= (await (await fetch(`${issuer}/jwks`)).json()).keys;
  const { kid, alg } = JSON.parse(Buffer.from(head, 'base64url'));
  const jwk = keys.find((key) => key.kid === kid);
  const good = alg === 'ES256' && jwk && verify('sha256', Buffer.from(`${head}.${body}`), { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'));
  const claims = good && JSON.parse(Buffer.from(body, 'base64url'));
  return claims && claims.iss === issuer && claims.aud === 'opora' && claims.exp > Date.now() / 1000 ? claims : undefined;
}
const readBody = async (request) => { let text = ''; for await (const chunk of request) text += chunk; return text ? JSON.parse(text) : {}; };
const mayRead = (actor, referral) => actor.opora_client === referral.clientId || actor.agency === agency;

const openapi = {
  openapi: '3.1.0', info: { title: 'Art studio', version: '1.0.0' },
  paths: { '/v1/probe/referrals/{id}/accept': { post: { operationId: 'acceptProbeReferral', parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }], responses: { 200: { description: 'Accepted' } } } } },
};

const server = createServer((request, response) => {
  const answer = (status, body) => response.writeHead(status, { 'content-type': status < 400 ? 'application/json' : 'application/problem+json' }).end(JSON.stringify(body));
  const refuse = (status, code) => answer(status, { type: `urn:probe:${code}`, title: code, status, code, detail: code });
  (async () => {
    if (request.url === '/openapi.json') return answer(200, openapi);
    const actor = await actorOf(request).catch(() => undefined);
    if (!actor) return refuse(401, 'token-invalid');
    if (request.method === 'POST' && request.url === '/v1/probe/plan-texts') {
      const { entries } = await readBody(request);
      const texts = entries.filter(({ entryId }) => referrals.has(entryId) && mayRead(actor, referrals.get(entryId)));
      return answer(200, { texts: texts.map(({ entryId, version }) => ({ entryId, version, text: 'Bring nothing but yourself.' })) });
    }
    const id = /^\/v1\/probe\/referrals\/([0-9a-f-]{36})\/accept$/.exec(request.url)?.[1];
    const referral = referrals.get(id);
    if (request.method !== 'POST' || !referral || actor.agency !== agency || !actor.roles.includes('probe:practitioner')) return refuse(404, 'not-found');
    if (!consented(referral.clientId)) return refuse(409, 'consent-missing');
    Object.assign(referral, { accepted: true, version: 2, actionId: randomUUID(), firstClass: new Date(Date.now() + 86_400_000).toISOString().slice(0, 10) });
    const { referralId, clientId, offer, askedBy } = referral;
    await say({ type: 'opora.referral.accepted', key: clientId, subject: referralId, sequence: 2, data: { referralId, clientId, module: 'probe', offer, agency, askedBy } }, entry(referral));
    return answer(200, { id: referralId, status: 'accepted' });
  })().catch((error) => { console.error(error.message); refuse(500, 'internal'); });
});

await new Promise((resolve) => server.listen(Number(port), '127.0.0.1', resolve));
await announce();
if (lifecycle === 'gone') process.exit(0);
await watermark();
setInterval(() => watermark().catch(() => undefined), 500);
console.log('probe is up');
await listen(hear);
