import { consentsChanged, entryKey, moduleAnnounced, planEntryRecorded, watermarkReached, type ConsentTerms, type Manifest, type PlanEntry } from '@opora/contracts';
import { newId } from '@opora/messaging';
import type { Harness } from '@opora/testing';

/** Speaks as modules do: on contract topics, each under its own name. */
export const speaker = (harness: Harness) => {
  const revisions = new Map<string, number>();
  return {
    async module(module: string, more: Partial<Manifest> = {}) {
      const revision = (revisions.get(module) ?? 0) + 1;
      revisions.set(module, revision);
      await harness.say(moduleAnnounced, {
        module, revision, version: '1.0.0', titles: { en: `The ${module}`, ru: `Модуль ${module}` }, baseUrl: 'http://127.0.0.1:9', lifecycle: 'active',
        offers: [{ code: 'help', agency: 'bureau', titles: { en: 'Help', ru: 'Помощь' }, needs: ['legal'], availability: 'open', cost: { amount: 0, currency: 'RUB' }, waitingDays: 1, requiredDocuments: [], languages: ['ru'], accessibility: [] }],
        says: [], hears: [], serves: [], ...more,
      }, { source: module, key: module });
    },
    leave: (module: string) => harness.say(moduleAnnounced, null, { source: module, key: module }),
    heard: (module: string, at = harness.clock.now()) => harness.say(watermarkReached, { module, at }, { source: module, key: module }),
    async entry(clientId: string, module: string, more: Partial<PlanEntry> = {}): Promise<PlanEntry> {
      const entryId = more.entryId ?? newId();
      const entry: PlanEntry = {
        module, entryId, clientId, agency: 'bureau', version: 1, aggregate: { id: entryId, version: 1 }, recordedAt: harness.clock.now(), kind: 'service', phase: 'active',
        title: { system: 'urn:opora:test', code: 'help', en: 'Help', ru: 'Помощь' }, dataClass: 'D1', because: [], needs: [], actions: [], ...more,
      };
      await harness.say(planEntryRecorded, entry, { source: module, key: entryKey(module, entryId) });
      return entry;
    },
    eraseEntry: ({ module, entryId }: Pick<PlanEntry, 'module' | 'entryId'>) => harness.say(planEntryRecorded, null, { source: module, key: entryKey(module, entryId) }),
    consent: (clientId: string, version: number, terms: Partial<ConsentTerms>[], aliases: string[] = []) => harness.say(consentsChanged, {
      clientId, version, recordedAt: harness.clock.now(), aliases,
      consents: terms.map((one): ConsentTerms => ({ consentId: newId(), status: 'given', purpose: 'coordination', recipients: ['centre'], dataClasses: ['D1', 'D2', 'D3'], legalBasis: 'consent', from: '2026-01-01T00:00:00.000Z', ...one })),
    }, { source: 'registrar', key: clientId }),
    erasePerson: (clientId: string) => harness.say(consentsChanged, null, { source: 'registrar', key: clientId }),
  };
};

export const tokenOf = ({ module, entryId, version }: PlanEntry): string => `${module}/${entryId}@${version}`;
