import { runService } from '@opora/service/run';
import { Intake } from './intake.module.js';

await runService(Intake);
