import { Type } from 'typebox';
import { contract } from './contract.js';
import { topics } from './topics.js';
import { At, ModuleName, closed } from './values.js';

/** Key: the module's name. */
export const watermarkReached = contract(topics.watermarks, 'opora.watermark.reached', '1.0.0',
  Type.Object({ module: ModuleName, at: At }, closed),
  'Everything that the module committed before `at` is out; said every 10 seconds');
