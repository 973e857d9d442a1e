import type { ConsentState } from '@opora/contracts';
import type { Actor } from './actor.js';

/** Whether the person is protected from whoever asks: as worker or representative by the token's subject, as client by the client's id. */
export const isBarred = ({ sub, clientId }: Pick<Actor, 'sub' | 'clientId'>, state: ConsentState | undefined, own = false): boolean =>
  state?.barred !== undefined && (state.barred.subjects.includes(sub) || (!own && clientId !== undefined && state.barred.clients.includes(clientId)));
