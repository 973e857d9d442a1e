// The version of legal aid after the present one: the same, with a migration that the present one can live on.
import { LegalAid } from '@opora/legal-aid';
import { runService } from '@opora/service/run';

class MatterNotices1800000000001 {
  async up(runner) {
    await runner.query('alter table matter add column noticed_on date');
    await runner.query('create index matter_noticed on matter (noticed_on)');
  }

  async down() {
    throw new Error('Migrations only go forward');
  }
}

await runService({ ...LegalAid, version: '0.2.0', migrations: [...LegalAid.migrations, MatterNotices1800000000001] });
