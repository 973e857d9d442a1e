import { moduleAnnounced, planEntryRecorded, consentsChanged, erasureRequested, referralAccepted, referralRequested, topics, watermarkReached, type ConsentState, type Contract } from '@opora/contracts';
import { newId, toRecord } from '@opora/messaging';
import { topicsHeard, typesHeard } from '@opora/service';
import type { Producer } from 'kafkajs';
import { services } from '../src/services.js';

const now = () => new Date().toISOString();

/** What every service hears, as its definition says. */
export const topicsHeardBy = (name: string): string[] =>
  topicsHeard(typesHeard(services.find((one) => one.name === name)!));

export const allTopicsHeard = (): string[] => [...new Set(services.flatMap(({ name }) => topicsHeardBy(name)))].sort();

export interface Raw { readonly topic: string; readonly key: string; readonly headers?: Record<string, string>; readonly value: string | Buffer | null }

/** All on one partition of its topic: whatever the poison holds up there would hold up the others behind it. */
export const send = (producer: Producer, records: readonly Raw[]) => producer.sendBatch({
  topicMessages: records.map(({ topic, key, headers = {}, value }) => ({ topic, messages: [{ key, headers, value, partition: 0 }] })),
});

const fact = (contract: Contract, key: string, data: object, source: string): Raw => {
  const { topic, headers, value } = toRecord({ id: newId(), source, type: contract.type, topic: contract.topic.name, key, subject: key, time: now(), sequence: 1, data }, contract);
  return { topic, key, headers, value };
};

export const request = (clientId: string, source: string, referralId = newId()): Raw & { referralId: string } => ({
  referralId, ...fact(referralRequested, clientId, {
    referralId, clientId, module: 'legal-aid', offer: 'legal-consultation', agency: 'bureau', askedBy: 'centre', planId: newId(), planVersion: 1, needs: [], urgency: 'routine',
    respondBy: new Date(Date.now() + 864e5).toISOString(),
  }, source),
});

export const consentState = (who: string, source: string, more: Partial<ConsentState> = {}): Raw =>
  fact(consentsChanged, who, { clientId: who, version: 1, recordedAt: now(), consents: [], aliases: [], ...more }, source);

/** Facts of somebody, fit for their topic, each with where each service that hears it shows that it took effect. */
export const goodFacts = (topic: string, who: string, source: string): { record: Raw; shown: Record<string, [table: string, column: string, value: string]> }[] => {
  const head = (key: string, ...names: string[]) => Object.fromEntries(names.map((name) => [name, ['head', 'key', key] as [string, string, string]]));
  const title = { system: 's', code: 'c', en: 'c', ru: 'c' };
  switch (topic) {
    case topics.consents.name:
      return [{ record: consentState(who, source), shown: head(who, 'intake', 'counselling', 'legal-aid', 'gateway') }];
    case topics.planEntries.name: {
      const key = `${source}/${who}`;
      const data = {
        module: source, entryId: who, version: 1, aggregate: { id: who, version: 1 }, recordedAt: now(), clientId: who, agency: 'elsewhere', kind: 'service', phase: 'active',
        title, dataClass: 'D1', because: [], needs: [], actions: [],
      };
      return [{ record: fact(planEntryRecorded, key, data, source), shown: { ...head(key, 'intake', 'counselling'), gateway: ['plan_entry', 'key', key] } }];
    }
    case topics.modules.name: {
      const data = {
        module: source, revision: 1, version: '1.0.0', titles: { en: 'c', ru: 'c' }, baseUrl: 'http://127.0.0.1:9', lifecycle: 'active', offers: [], says: [], hears: [], serves: [],
      };
      return [{ record: fact(moduleAnnounced, source, data, source), shown: { ...head(source, 'intake', 'counselling'), gateway: ['module', 'name', source] } }];
    }
    case topics.watermarks.name:
      return [{ record: fact(watermarkReached, source, { module: source, at: now() }, source), shown: head(source, 'gateway') }];
    case topics.referrals.name: {
      const asked = request(who, source);
      const answered = fact(referralAccepted, who, { referralId: newId(), clientId: who, module: source, offer: 'c', agency: 'elsewhere', askedBy: 'centre' }, source);
      return [{ record: asked, shown: { 'legal-aid': ['referral', 'id', asked.referralId] } }, { record: answered, shown: { counselling: ['inbox', 'event_id', answered.headers!['ce_id']!] } }];
    }
    case topics.erasures.name: {
      const erasureId = newId();
      const asked = fact(erasureRequested, who, { erasureId, clientId: who, aliases: [] }, source);
      const done: [string, string, string] = ['inbox', 'event_id', asked.headers!['ce_id']!];
      return [{ record: consentState(who, source, { erasing: erasureId }), shown: {} }, { record: asked, shown: { intake: done, counselling: done, 'legal-aid': done, gateway: done } }];
    }
    default: throw new Error(`Who says what on ${topic}?`);
  }
};

/** Whether a service looks at facts of that type at all; at a fact without any type everybody must. */
export const hears = (name: string, type: string | undefined): boolean => type === undefined || typesHeard(services.find((one) => one.name === name)!).includes(type);

/** What no service can take that hears the type, each under a person of its own; with the code under which it is put away. */
export const poisonFor = (topic: string): { record: Raw; code: string }[] => {
  const key = () => `poison/${newId()}`;
  const foreign = topic === topics.consents.name ? referralRequested : consentsChanged;
  const ofType = goodFacts(topic, newId(), 'poison').filter(({ record }) => record.topic === topic).flatMap(({ record: { headers } }) => [
    { record: { topic, key: key(), headers: { ...headers, ce_id: newId() }, value: 'no JSON {' }, code: 'data-not-json' },
    { record: { topic, key: key(), headers: { ...headers, ce_id: newId() }, value: '{"a":1}' }, code: 'contract-violated' },
    { record: { topic, key: `nul\0${newId()}`, headers: { ...headers, ce_id: newId(), nul: 'a\0b' }, value: '[]' }, code: 'envelope-unreadable' },
  ]);
  return [
    ...ofType,
    { record: { topic, key: key(), headers: {}, value: '{}' }, code: 'envelope-incomplete' },
    { record: { topic, key: key(), headers: { ce_id: newId(), ce_source: 'poison', ce_time: now(), ce_type: foreign.type }, value: null }, code: 'topic-wrong' },
  ];
};
