import { runService } from '@opora/service/run';
import { LegalAid } from './legal-aid.module.js';

await runService(LegalAid);
