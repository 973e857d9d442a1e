import { topics } from '@opora/contracts';
import type { Office } from './desk.js';
import type { ServiceStore } from './stores.js';
import type { Violation } from './violation.js';

interface Shown { module: string; entryId: string; version: number }

/** The plan served to each person holds the newest version of every entry, through every gateway, and the same one through each. */
export const checkPlans = async (gateways: readonly string[], clientIds: readonly string[], mint: Office['mint'], stores: readonly ServiceStore[]): Promise<Violation[]> => {
  const entries = stores.flatMap(({ snapshots }) => snapshots).filter(({ topic, kind }) => topic === topics.planEntries.name && kind !== 'plan');
  const ofClient = Map.groupBy(entries, ({ clientId }) => clientId);
  const violations: Violation[] = [];
  for (const clientId of clientIds) {
    const newest = new Map<string, number>();
    for (const { key, version } of ofClient.get(clientId) ?? []) newest.set(key, Math.max(version, newest.get(key) ?? 0));
    const wanted = [...newest].map(([key, version]) => `${key}@${version}`).sort().join(' ');
    const token = await mint({ sub: 'crash-reader', agency: 'centre', roles: ['client'], opora_client: clientId });
    for (const gateway of gateways) {
      const response = await fetch(`${gateway}/v1/clients/${clientId}/plan`, { headers: { authorization: `Bearer ${token}` } });
      const plan = await response.json() as { needs: Shown[]; goals: Shown[]; sections: { entries: Shown[] }[] };
      const shown = response.status === 200 ? [...plan.needs, ...plan.goals, ...plan.sections.flatMap(({ entries: own }) => own)] : [];
      const served = shown.map(({ module, entryId, version }) => `${module}/${entryId}@${version}`).sort().join(' ');
      if (response.status !== 200 || served !== wanted) violations.push({ kind: 'plan-not-current', what: `client ${clientId}: status ${response.status}` });
    }
  }
  return violations;
};
