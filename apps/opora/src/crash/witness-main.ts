import { runService } from '@opora/service/run';
import { Witness } from './witness.js';

await runService(Witness);
