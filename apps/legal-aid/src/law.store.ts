import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { hashOf } from '@opora/contracts';
import { absent, DomainError, type Act } from '@opora/domain';
import { Clock, Database, newId } from '@opora/messaging';
import { Log, readConfiguration, SETTINGS, type ServiceSettings } from '@opora/service';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkPublishedYears } from './domain/days-off.js';
import type { LawDocument } from './domain/law.js';
import type { LawBook } from './domain/law-book.js';
import { readLaw } from './law.schema.js';
import { vouch, type Voucher } from './law-vouching.js';
import { Variables } from './variables.js';

export interface KeptLaw {
  readonly id: string;
  readonly serial: string;
  readonly kind: LawDocument['kind'];
  readonly name: string;
  readonly year: number | null;
  readonly version: number;
  readonly sha256: string;
  readonly vouched: 'shipped' | 'signed' | 'hash';
  readonly document: LawDocument;
  readonly taken_in_at: Date;
  readonly taken_in_by: string;
}

const shipped = join(import.meta.dirname, 'law-documents');

/** Rule packs and calendars: shipped ones from the first start on, others as they are taken in. What was taken in is never changed. */
@Injectable()
export class Law implements OnApplicationBootstrap {
  private known: LawBook = { serial: -1, documents: [] };
  private readonly keys: string;

  constructor(private readonly database: Database, private readonly clock: Clock, private readonly log: Log, @Inject(SETTINGS) { environment = {} }: ServiceSettings) {
    this.keys = readConfiguration(Variables, environment).LEGAL_AID_LAW_KEYS;
  }

  async onApplicationBootstrap(): Promise<void> {
    const now = this.clock.now();
    for (const file of readdirSync(shipped).sort()) {
      const document = readLaw(JSON.parse(readFileSync(join(shipped, file), 'utf8')) as object);
      const kept = await this.keep(document, { by: 'legal-aid', recordedAt: now, at: now }, 'shipped');
      if (kept.sha256 !== hashOf(document)) this.log.say('error', 'shipped law differs from what is kept under its version', { code: file });
    }
  }

  /** All that is kept; read anew only when something came. */
  async book(): Promise<LawBook> {
    const [newest] = await this.database.query<{ serial: number }>('select coalesce(max(serial), 0)::int as serial from law_document');
    if (newest!.serial === this.known.serial) return this.known;
    const rows = await this.database.query<{ serial: number; document: LawDocument }>('select serial::int as serial, document from law_document order by serial');
    return this.known = { serial: rows.at(-1)?.serial ?? 0, documents: rows.map(({ document }) => document) };
  }

  private async documents(): Promise<LawDocument[]> {
    return (await this.database.query<{ document: LawDocument }>('select document from law_document order by serial')).map(({ document }) => document);
  }

  async takeIn(document: object, voucher: Voucher, act: Act): Promise<KeptLaw> {
    const law = readLaw(document);
    const vouched = await vouch(law, voucher, this.keys);
    const kept = await this.keep(law, act, vouched, voucher.signature, (known) => checkPublishedYears(known, law));
    if (kept.sha256 !== hashOf(law)) throw new DomainError('conflict', 'version-taken', 'Another document has this name and version already; give the new one the next version');
    return kept;
  }

  async list(): Promise<KeptLaw[]> {
    return this.database.query<KeptLaw>('select * from law_document order by serial desc');
  }

  async get(id: string): Promise<KeptLaw> {
    const [row] = await this.database.query<KeptLaw>('select * from law_document where id = $1', [id]);
    if (!row) throw absent('law document');
    return row;
  }

  /** One at a time, so that no smaller serial becomes visible after a greater one. Answers what is kept under the name and version. */
  private keep(document: LawDocument, { by, recordedAt }: Act, vouched: KeptLaw['vouched'], signature?: string, check?: (known: readonly LawDocument[]) => void): Promise<KeptLaw> {
    const { kind, name, version } = document;
    const year = document.kind === 'calendar-year' ? document.year : null;
    return this.database.transaction(async () => {
      await this.database.query(`select pg_advisory_xact_lock(hashtextextended('law ' || current_schema(), 0))`);
      // Here, because two that fit what was there may not fit each other.
      check?.(await this.documents());
      await this.database.query(
        `insert into law_document (id, kind, name, year, version, sha256, document, vouched, signature, taken_in_at, taken_in_by)
         select $1, $2, $3, $4::int, $5::int, $6, $7::jsonb, $8, $9, $10::timestamptz, $11
         where not exists (select from law_document where kind = $2 and name = $3 and year is not distinct from $4::int and version = $5::int)`,
        [newId(), kind, name, year, version, hashOf(document), JSON.stringify(document), vouched, signature ?? null, recordedAt, by]);
      const [row] = await this.database.query<KeptLaw>(
        'select * from law_document where kind = $1 and name = $2 and year is not distinct from $3::int and version = $4', [kind, name, year, version]);
      return row!;
    });
  }
}
