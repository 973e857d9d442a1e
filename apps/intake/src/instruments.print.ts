import type { Instrument } from './domain/instrument.js';
import type { Language, Printed, Sheet } from './instruments/index.js';
import { escaped, printedPage } from './printed-page.js';

const words = {
  en: { who: 'Number of the person (no name)', day: 'Date', one: 'Tick one answer', several: 'Tick all that apply', required: 'please answer', again: 'Copy this part if you need it more than once', by: 'Version', left: 'You need not answer what you do not want to say.', other: 'This form is not translated into English; its texts stand as they are.' },
  ru: { who: 'Номер человека (без имени)', day: 'Дата', one: 'Отметьте один ответ', several: 'Отметьте всё, что подходит', required: 'ответьте, пожалуйста', again: 'Скопируйте эту часть, если она нужна несколько раз', by: 'Версия', left: 'Можно не отвечать на то, о чём не хочется говорить.', other: 'Эта анкета не переведена на русский язык; её тексты даны как есть.' },
};

const lineOf = (line: Printed, language: Language): string => {
  const say = words[language];
  if (line.kind === 'text') return `<p>${escaped(line.text)}</p>`;
  const indent = line.level > 0 ? ` i${Math.min(line.level, 3)}` : '';
  const when = line.when === undefined ? '' : `<p class="w">${escaped(line.when)}</p>`;
  if (line.kind === 'heading') return `<h2 class="h${indent}">${escaped(line.text)}</h2>${when}${line.again ? `<p class="w">${say.again}</p>` : ''}`;
  const choices = line.choices.map((choice) => `<li>${line.several ? '☐' : '○'} ${escaped(choice)}</li>`).join('');
  const tick = line.choices.length > 0 ? `<p class="s">${line.several ? say.several : say.one}</p><ul>${choices}</ul>` : '';
  const hint = line.hint === undefined ? '' : `<p class="s">${escaped(line.hint)}</p>`;
  const blank = line.space === 'none' ? '' : `${hint}${'<hr>'.repeat(line.space === 'lines' || line.several ? 4 : 1)}`;
  return `<div class="q${indent}">${when}<p class="b">${escaped(line.text)}${line.required ? ` <span class="s">(${say.required})</span>` : ''} <span class="s">[${escaped(line.linkId)}]</span></p>${tick}${blank}</div>`;
};

/** A form for paper. Everything that comes from the questionnaire is escaped; its own markup is not used. */
export const printPage = (sheet: Sheet, { instrumentId, instrumentVersion, title }: Pick<Instrument, 'instrumentId' | 'instrumentVersion' | 'title'>, language: Language): string => {
  const say = words[language];
  const heading = escaped(sheet.title ?? title ?? instrumentId);
  const foreign = sheet.translated ? '' : `<p class="w">${say.other}</p>`;
  return printedPage(language, heading, `<header><p>${say.who}: <span>&nbsp;</span> ${say.day}: <span>&nbsp;</span></p></header><h1>${heading}</h1>${foreign}<p>${say.left}</p>
${sheet.lines.map((line) => lineOf(line, language)).join('\n')}
<footer><p>${say.by} ${instrumentVersion} · ${escaped(instrumentId)}</p></footer>`);
};
