import { Inject, Injectable } from '@nestjs/common';
import { contracts, type Contract } from '@opora/contracts';
import { Database, type Event } from '@opora/messaging';
import { On, type ServiceDefinition } from '@opora/service';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** All facts that somebody says of a person or a thing; compacted topics carry states and have no inbox. */
export const witnessed: readonly Contract[] = contracts.filter(({ topic }) => !topic.compacted);

/**
 * Writes a line for each fact that it hears, whether or not it has one already: an effect that counts. The product's own reactions
 * look at the state first and would not show that they ran twice.
 */
@Injectable()
class Lines {
  constructor(@Inject(Database) private readonly database: Database) {}

  async write({ source, id, type, topic, key, subject, sequence }: Event): Promise<void> {
    await this.database.query('insert into line (source, event_id, type, topic, key, subject, sequence) values ($1, $2, $3, $4, $5, $6, $7)',
      [source, id, type, topic, key, subject, sequence]);
  }
}

for (const contract of witnessed) {
  Object.defineProperty(Lines.prototype, contract.type, { value: Lines.prototype.write });
  On(contract)(Lines.prototype, contract.type, {});
}

class Witness1700000900001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create table line (
      number bigint generated always as identity (cache 1) primary key,
      source text not null, event_id text not null, type text not null, topic text not null, key text not null, subject text not null, sequence integer not null)`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations only go forward');
  }
}

/** One more service in the region, built like the others: it hears every fact of every service. */
export const Witness: ServiceDefinition = {
  name: 'witness',
  version: '0.1.0',
  titles: { en: 'Witness', ru: 'Свидетель' },
  controllers: [],
  reactions: [Lines],
  migrations: [Witness1700000900001],
};
