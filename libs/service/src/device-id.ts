import { IdField } from './fields.js';

// Ids of version 5 follow from others: nobody may take such a one beforehand.
const MADE = /^[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** The id of what is created, where a device without connection has given it one already. */
export const DeviceId = () =>
  IdField({ optional: true, pattern: MADE, description: 'Made on a device: a UUID of version 7 or 4. Ours, unless said; 409 `id-taken` when it stands for something' });
