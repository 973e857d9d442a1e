import type { ConsentState } from '@opora/contracts';
import { recordsOf, type Actor } from './actor.js';

/** Whether the person is protected from whoever asks: as worker or representative by the token's subject, as client by the client's id. */
export const isBarred = ({ sub, ...actor }: Pick<Actor, 'sub' | 'clientId' | 'clientIds'>, state: ConsentState | undefined, own = false): boolean =>
  state?.barred !== undefined && (state.barred.subjects.includes(sub) || (!own && recordsOf(actor).some((id) => state.barred!.clients.includes(id))));
