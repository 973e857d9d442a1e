import type { Contract } from './contract.js';
import * as consents from './consents.js';
import * as counselling from './counselling.js';
import * as erasures from './erasures.js';
import * as intake from './intake.js';
import * as legalAid from './legal-aid.js';
import * as modules from './modules.js';
import * as planEntries from './plan-entries.js';
import * as referrals from './referrals.js';
import * as screening from './screening.js';
import * as watermarks from './watermarks.js';

const isContract = (value: unknown): value is Contract =>
  typeof value === 'object' && value !== null && 'schema' in value && 'topic' in value && 'type' in value;

/** Every contract there is, sorted by type. */
export const contracts: readonly Contract[] = [consents, counselling, erasures, intake, legalAid, modules, planEntries, referrals, screening, watermarks]
  .flatMap((file) => Object.values(file).filter(isContract))
  .sort((a, b) => (a.type < b.type ? -1 : 1));

const byType = new Map(contracts.map((c) => [c.type, c]));

/** A compacted topic carries one type only. */
const byTopic = new Map(contracts.filter(({ topic }) => topic.compacted).map((c) => [c.topic.name, c]));

export const contractOfCompacted = (topic: string): Contract | undefined => byTopic.get(topic);

export const contractOf = (type: string): Contract | undefined => byType.get(type);
