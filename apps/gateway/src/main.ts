import { runService } from '@opora/service/run';
import { Gateway } from './gateway.module.js';

await runService(Gateway);
