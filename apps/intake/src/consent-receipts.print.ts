import type { ReceiptView } from './consent-receipts.dto.js';
import { escaped, printedPage } from './printed-page.js';

const words = {
  en: { terms: 'Check number of these terms (SHA-256)', document: 'Check number of the signed form (SHA-256)', number: 'Number', issued: 'Made on', check: 'Ask for this receipt again at any time: the check number must be the same.' },
  ru: { terms: 'Проверочное число этих условий (SHA-256)', document: 'Проверочное число подписанного листа (SHA-256)', number: 'Номер', issued: 'Составлено', check: 'Попросите эту расписку ещё раз в любой день: проверочное число должно быть тем же.' },
};

/** For paper: what the person takes home. */
export const printReceipt = ({ language, title, words: sentences, termsHash, documentHash, consentId, issuedAt }: ReceiptView): string => {
  const say = words[language];
  const check = (what: string, hash: string | undefined) => (hash === undefined ? '' : `<p>${what}: <code>${escaped(hash)}</code></p>`);
  return printedPage(language, escaped(title), `<h1>${escaped(title)}</h1>
${sentences.map((sentence) => `<p>${escaped(sentence)}</p>`).join('\n')}
<footer>${check(say.terms, termsHash)}${check(say.document, documentHash)}<p>${say.check}</p><p>${say.number}: ${escaped(consentId)} · ${say.issued}: ${escaped(issuedAt)}</p></footer>`);
};
