import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CalendarLaw, CalendarYear, LawDocument, Pack } from '../src/domain/law.js';

const folder = join(import.meta.dirname, '../src/law-documents');

/** What legal aid ships, as it stands in the files. */
export const documents = readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as LawDocument);

export const packs = documents.filter((one): one is Pack => one.kind === 'pack');
export const laws = documents.filter((one): one is CalendarLaw => one.kind === 'calendar');
export const years = documents.filter((one): one is CalendarYear => one.kind === 'calendar-year');
