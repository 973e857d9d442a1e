import { Type, type Static } from 'typebox';
import { contract } from './contract.js';
import { topics } from './topics.js';
import { At, ModuleName, closed } from './values.js';

/** How far a module's audit trail reached, in its own signed words: who cuts the trail's end off cannot cut it off here. */
export const AuditWitness = Type.Object({
  seq: Type.Integer({ minimum: 1, description: 'Number of the last row that the checkpoint swears to' }),
  checkpoint: Type.String({ maxLength: 1000, pattern: '^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$', description: 'The signed checkpoint, a JWS (RFC 7515)' }),
}, closed);
export type AuditWitness = Static<typeof AuditWitness>;

/** Key: the module's name. */
export const watermarkReached = contract(topics.watermarks, 'opora.watermark.reached', '1.1.0',
  Type.Object({ module: ModuleName, at: At, audit: Type.Optional(AuditWitness) }, closed),
  'Everything that the module committed before `at` is out; said every 10 seconds');
