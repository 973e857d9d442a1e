import type { Exported, Titles } from '@opora/contracts';
import { inWords, type Instant } from '@opora/domain';
import { strToU8, zipSync } from 'fflate';
import { createHash } from 'node:crypto';

export interface ExportedModule { readonly module: string; readonly titles: Titles; readonly exported: Exported }

export interface Archived {
  readonly madeAt: Instant;
  readonly clientId: string;
  readonly told: readonly ExportedModule[];
  /** Modules that did not answer. */
  readonly missing: readonly { readonly module: string; readonly titles: Titles }[];
}

const page = {
  en: {
    title: 'What we hold about you', made: (when: string) => `Made on ${when}.`, yours: 'All of this is yours. Keep it where nobody else can read it.', files: 'What is in each file',
    file: (module: string, counts: string) => `What this part of the service holds of you: ${module}. ${counts}`,
    counts: (r: number, f: number, e: number, a: number) => `Records: ${r}. Steps that were taken: ${f}. Lines in your plan: ${e}. Looks at your record: ${a}.`,
    more: 'There is more than fits in here. Ask us for the rest.', manifest: 'A list of the files, to check that none was changed.', leftOut: 'What is left out, and why',
    missing: 'These did not answer. What they hold is not in here. Try again later:', wrong: 'Is something wrong? You may say so, and a person must answer you.', nothingOut: 'Nothing is left out.',
    staff: { what: 'The names of those who work here', why: 'The agency answers for what they do.' },
  },
  ru: {
    title: 'Что у нас есть о вас', made: (when: string) => `Когда это собрано: ${when}.`, yours: 'Всё это ваше. Храните там, где чужие не прочтут.', files: 'Что лежит в каждом файле',
    file: (module: string, counts: string) => `Что о вас есть здесь: ${module}. ${counts}`,
    counts: (r: number, f: number, e: number, a: number) => `Записей: ${r}. Шагов: ${f}. Строк в плане: ${e}. Взглядов на вашу запись: ${a}.`,
    more: 'Всё сюда не вошло. Остальное спросите у нас.', manifest: 'Список файлов: по нему видно, что их никто не менял.', leftOut: 'Чего тут нет и почему',
    missing: 'Эти нам не ответили. Того, что есть у них, тут нет. Попросите ещё раз позже:', wrong: 'Что-то не так? Скажите, и вам ответит человек.', nothingOut: 'Тут есть всё.',
    staff: { what: 'Имена тех, кто здесь работает', why: 'За их дела отвечает сама служба.' },
  },
} as const;

const escaped = (text: string): string => text.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`);

const part = ({ madeAt, told, missing }: Archived, language: 'en' | 'ru'): string => {
  const say = page[language];
  const item = (text: string) => `<li>${text}</li>`;
  const file = ({ module, titles, exported: { records, facts, entries, accesses, complete } }: ExportedModule) => item(
    `<b>${escaped(module)}.json</b> — ${escaped(say.file(titles[language], say.counts(records.length, facts.length, entries.length, accesses.length)))}${complete ? '' : ` ${say.more}`}`);
  const out = told.flatMap(({ titles, exported }) => exported.leftOut.map(({ what, why }) => item(escaped(`${titles[language]}: ${what[language]}. ${why[language]}`))));
  return `<section lang="${language}"><h1>${say.title}</h1><p>${say.made(inWords(madeAt, language, { clock: true }))} ${say.yours}</p>
<h2>${say.files}</h2><ul>${told.map(file).join('')}${item(`<b>manifest.json</b> — ${say.manifest}`)}</ul>
${missing.length > 0 ? `<p><b>${say.missing}</b></p><ul>${missing.map(({ titles }) => item(escaped(titles[language]))).join('')}</ul>` : ''}
<h2>${say.leftOut}</h2><ul>${out.join('')}${item(`${say.staff.what}. ${say.staff.why}`)}</ul><p>${say.wrong}</p></section>`;
};

/** For a screen or for paper; it loads nothing and runs nothing. */
const indexOf = (archived: Archived, language: 'en' | 'ru'): string => `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><title>${page[language].title}</title>
<style>body{font:16px/1.5 sans-serif;max-width:45em;margin:2em auto;padding:0 1em}section+section{break-before:page}</style></head>
<body>${[language, language === 'en' ? 'ru' as const : 'en' as const].map((one) => part(archived, one)).join('\n')}</body></html>
`;

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** One ZIP: a JSON file per module, a page in both languages that says what each is, and the digests of all. */
export const archiveOf = (archived: Archived, language: 'en' | 'ru'): Uint8Array => {
  const { madeAt, clientId, told, missing } = archived;
  const json = (value: object): Uint8Array => strToU8(JSON.stringify(value, null, 2));
  const files: Record<string, Uint8Array> = {
    'index.html': strToU8(indexOf(archived, language)),
    ...Object.fromEntries(told.map(({ module, exported }) => [`${module}.json`, json({ module, clientId, madeAt, ...exported })])),
  };
  const manifest = {
    format: 'urn:opora:export:1', clientId, madeAt, missing: missing.map(({ module }) => module), complete: missing.length === 0 && told.every(({ exported }) => exported.complete),
    files: Object.entries(files).map(([name, bytes]) => ({ name, bytes: bytes.length, sha256: sha256(bytes) })),
  };
  // Without a time of their own files would carry the zone of the machine; the manifest says when.
  return zipSync({ ...files, 'manifest.json': json(manifest) }, { mtime: '1980-01-02', level: 6 });
};
