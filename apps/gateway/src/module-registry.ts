import { Injectable } from '@nestjs/common';
import type { Manifest, Titles } from '@opora/contracts';
import type { Instant } from '@opora/domain';
import { Database } from '@opora/messaging';
import type { KnownModule } from './domain/sections.js';

interface Row { name: string; manifest: Manifest | null; left_at: Date | null }

export const knownAs = (name: string, manifest: Manifest | null, leftAt: Date | string | null): KnownModule => ({
  titles: manifest?.titles ?? { en: name, ru: name }, offers: manifest?.offers ?? [], ...(leftAt !== null && { leftAt: new Date(leftAt).toISOString() }),
});

/** Every module that ever announced itself. One that left is remembered: its routes are gone, its history keeps its title. */
@Injectable()
export class ModuleRegistry {
  constructor(private readonly database: Database) {}

  /** The highest revision counts. Who left and comes back starts anew. */
  async announce(manifest: Manifest): Promise<void> {
    await this.database.query(
      `insert into module (name, revision, manifest) values ($1, $2, $3)
       on conflict (name) do update set revision = excluded.revision, manifest = excluded.manifest, left_at = null
       where module.revision < excluded.revision or module.left_at is not null`,
      [manifest.module, manifest.revision, JSON.stringify(manifest)]);
  }

  async leave(name: string, at: Instant): Promise<void> {
    await this.database.query(
      `insert into module (name, revision, left_at) values ($1, 0, $2) on conflict (name) do update set left_at = coalesce(module.left_at, excluded.left_at)`, [name, at]);
  }

  /** The manifest of a present module, `gone` of one that left, undefined of one that never was. */
  async find(name: string): Promise<Manifest | 'gone' | undefined> {
    const [row] = await this.database.query<Row>('select name, manifest, left_at from module where name = $1', [name]);
    return row && (row.left_at ? 'gone' : row.manifest ?? undefined);
  }

  async present(): Promise<Manifest[]> {
    const rows = await this.database.query<{ manifest: Manifest }>('select manifest from module where left_at is null order by name');
    return rows.map(({ manifest }) => manifest);
  }

  /** What people call agencies, by their short names. */
  async agencies(): Promise<ReadonlyMap<string, Titles>> {
    return new Map((await this.present()).flatMap(({ agencies = [] }) => agencies).map(({ agency, titles }) => [agency, titles]));
  }

  async known(): Promise<ReadonlyMap<string, KnownModule>> {
    const rows = await this.database.query<Row>('select name, manifest, left_at from module');
    return new Map(rows.map(({ name, manifest, left_at }) => [name, knownAs(name, manifest, left_at)]));
  }
}
