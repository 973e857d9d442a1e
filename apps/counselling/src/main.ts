import { runService } from '@opora/service/run';
import { Counselling } from './counselling.module.js';

await runService(Counselling);
