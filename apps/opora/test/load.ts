import type { Caller } from '@opora/testing';
import { playJourney } from '../src/demo/journey.js';
import type { Place } from './journey-checks.js';
import { staff } from './staff.js';

/** A command that was answered with success. */
export interface Acknowledged {
  readonly matterId: string;
  /** The matter's version. */
  readonly version: number;
  /** `<module>/<entryId>@<version>` */
  readonly token: string;
}

export interface Load {
  readonly acknowledged: Acknowledged[];
  /** Everything that was not a success: what was asked, and what came back. */
  readonly failed: string[];
  requests: number;
  journeys: number;
  stop(): Promise<void>;
}

const day = (offset: number): string => new Date(Date.now() + (offset + 1) * 86_400_000).toISOString().slice(0, 10);

/** A lawyer for each of these people, who reads and writes without a pause, and journeys beside them. Nobody tries anything twice. */
export const startLoad = async (place: Place, clientIds: readonly string[]): Promise<Load> => {
  let running = true;
  const load: Load = { acknowledged: [], failed: [], requests: 0, journeys: 0, stop: async () => { running = false; await Promise.all(working); } };

  const ask = async (what: string, request: () => ReturnType<Caller['get']>) => {
    load.requests += 1;
    const began = performance.now();
    const told = await request().catch((error: unknown) => ({ status: 0, headers: new Headers(), body: String((error as Error).cause ?? error) }));
    if (told.status < 200 || told.status > 299) load.failed.push(`${what} → ${told.status} ${JSON.stringify(told.body)} after ${Math.round(performance.now() - began)} ms at ${new Date().toISOString()}`);
    return told;
  };

  const lawyer = async (clientId: string): Promise<void> => {
    const [caller, counsellor] = await Promise.all([place.as(staff.lawyer), place.as(staff.counsellor)]);
    const { body: { items: [{ id }] } } = await caller.get(`/v1/legal-aid/matters?clientId=${clientId}`);
    for (let i = 0; running; i += 1) {
      const { status, headers } = await ask('set deadline', () => caller.post(`/v1/legal-aid/matters/${id}/deadline`, { nextDeadline: day(i % 300) }));
      if (status === 200) load.acknowledged.push({ matterId: id, version: Number(headers.get('etag')!.replaceAll('"', '')), token: headers.get('opora-plan-entry')! });
      await ask('read matter', () => caller.get(`/v1/legal-aid/matters/${id}`));
      await ask('list referrals', () => caller.get(`/v1/legal-aid/referrals?clientId=${clientId}`));
      await ask('read plan', () => counsellor.get(`/v1/clients/${clientId}/plan?include=text`));
    }
  };

  const journeys = async (): Promise<void> => {
    while (running) {
      await playJourney({ gateway: place.gateway, mint: place.mint, say: () => undefined })
        .then(() => { load.journeys += 1; }, (error: unknown) => { load.failed.push(`journey: ${String(error)}`); });
    }
  };

  const working = [...clientIds.map(lawyer), journeys()];
  return load;
};
