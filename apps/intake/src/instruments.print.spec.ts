import { createHash } from 'node:crypto';
import { printPage } from './instruments.print.js';
import { printPolicy } from './printed-page.js';
import { starterScreening, tasks } from './instruments/index.js';

const about = { instrumentId: '01900000-0000-7000-8000-000000000001', instrumentVersion: 3 };
const page = (questionnaire: object, language: 'en' | 'ru' = 'en') => printPage(tasks.print({ questionnaire: JSON.stringify(questionnaire), language }), about, language);

it('prints every question of the starter screening, in both languages', () => {
  const [en, ru] = [page(starterScreening), page(starterScreening, 'ru')];
  expect(en).toContain('Where do you live now?');
  expect(en).toContain('○ I have no place to sleep');
  expect(ru).toContain('Где вы сейчас живёте?');
  expect(ru).toContain('○ Мне негде ночевать');
  expect(ru.match(/○/g)).toHaveLength(en.match(/○/g)!.length);
  expect(ru).not.toMatch(/not translated|не переведена/);
});

it('lets nothing of a form become markup', () => {
  const nasty = `<script>alert(1)</script><img src=x onerror="alert('1')">\``;
  const html = page({
    resourceType: 'Questionnaire', title: nasty, language: 'de', item: [
      { linkId: nasty, type: 'group', prefix: nasty, text: nasty, item: [
        { linkId: `${nasty}2`, type: 'choice', text: nasty, answerOption: [{ valueCoding: { code: 'a', display: nasty } }, { valueString: nasty }], enableWhen: [{ question: nasty, operator: '=', answerString: nasty }] },
        { linkId: `${nasty}3`, type: 'quantity', text: nasty, extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/questionnaire-unit', valueCoding: { code: nasty } }] }] },
      { linkId: 'd', type: 'display', text: nasty, _text: { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/rendering-xhtml', valueString: nasty }] } }],
  });
  expect(html.replace(/<style>[^<]*<\/style>/, '')).not.toMatch(/<script|<img|onerror="|<[^>]*alert/);
  expect(html).toContain('&lt;script&gt;');
  expect(html).toContain('not translated');
});

it('runs and loads nothing: the policy knows the one style by its hash', () => {
  const [, style] = /<style>([^<]*)<\/style>/.exec(page(starterScreening))!;
  expect(printPolicy).toContain(`style-src 'sha256-${createHash('sha256').update(style!).digest('base64')}'`);
  expect(printPolicy).toMatch(/default-src 'none'/);
  expect(printPolicy).not.toMatch(/unsafe|script-src|\*/);
});

it('prints a form whose texts are of other types than R4 has them', () => {
  const unit = { url: 'http://hl7.org/fhir/StructureDefinition/questionnaire-unit', valueCoding: { code: 'kg', display: { en: 'kilos' } } };
  const translation = { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/translation', extension: { url: 'lang' } }] };
  const concept = [{ code: 5 }, { code: 'b', designation: [{ language: 7 }, null, { language: 'en', value: { text: 'B' } }] }, { code: 'c', display: 8 }];
  const html = page({
    resourceType: 'Questionnaire', title: 3, contained: [{ resourceType: 'ValueSet', id: 'v', compose: { include: [{ system: 's', concept }] } }], item: [
      { linkId: 'a', type: 'choice', text: 'A', prefix: 1, _text: translation, answerValueSet: '#v' },
      { linkId: 'w', type: 'quantity', text: 'W', extension: [unit] }, { linkId: 'h', type: 'quantity', text: 'H', extension: [{ ...unit, valueCoding: { display: 9 } }] }],
  });
  expect(html.match(/○ [^<]*/g)).toEqual(['○ 5', '○ b', '○ c']);
  expect(html).toContain('<p class="s">kg</p>');
  expect(html).toContain('<p class="s">9</p>');
});
