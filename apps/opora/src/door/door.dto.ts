import { AtField, CodeField, IdField, Json, Part, Text, Whole } from '@opora/service';

export class NewRecord {
  @CodeField({ description: 'The contract’s type', example: 'opora.plan-entry.recorded' })
  type!: string;

  @Text(200, { description: 'What keeps the order: a clientId, or for compacted topics the key that the contract names' })
  key!: string;

  @IdField({ optional: true, description: 'The event’s id; send the same one when you repeat a request' })
  id?: string;

  @Text(80, { optional: true, description: 'The aggregate’s id; the key unless said' })
  subject?: string;

  @Whole(0, 1_000_000_000, { optional: true, description: 'The aggregate’s version after this fact' })
  sequence?: number;

  @AtField({ optional: true, description: 'When the fact was recorded; now unless said' })
  time?: string;

  @Json({ nullable: true, description: 'The contract’s data; null erases the key (compacted topics only)' })
  data!: Record<string, unknown> | null;
}

export class AppendRecords {
  @Part(() => NewRecord, { list: true, maxItems: 100 })
  records!: NewRecord[];
}

export class ReadRecords {
  @Text(1000, { description: 'Topics, comma-separated', example: 'opora.referrals.v1,opora.consents.v1' })
  topics!: string;

  @Whole(1, 500, { optional: true })
  limit?: number;

  @Whole(0, 8_000, { optional: true, description: 'How long to wait for the first record, milliseconds; below the gateway’s own patience' })
  waitMs?: number;
}

export class RecordView {
  @Text(200) topic!: string;
  @Text(200) key!: string;
  @Text(20, { description: 'Where it stands; hand the last one you have worked on to /cursors' }) position!: string;
  @Json({ description: 'CloudEvents 1.0 attributes, binary mode: ce_id, ce_source, ce_type, ce_time …' }) headers!: Record<string, string>;
  @Json({ nullable: true }) data!: Record<string, unknown> | null;
}

export class RecordsView {
  @Part(() => RecordView, { list: true })
  items!: RecordView[];
}

export class CommitCursor {
  @Text(200)
  topic!: string;

  @Text(20)
  position!: string;
}

export class AppendedView {
  @Whole(0, 100)
  appended!: number;
}
