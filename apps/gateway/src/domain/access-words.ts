import type { Language } from './plan-document.js';

type Deed = 'read' | 'wrote' | 'decided' | 'copied';

interface AccessWords {
  readonly who: (when: string, agency: string, role: string, program: boolean) => string;
  readonly you: (when: string) => string;
  readonly did: Record<Deed, (thing: string) => string>;
  readonly wanted: Record<Deed, (thing: string) => string>;
  readonly what: (purpose: string) => string;
  readonly decision: Record<'permit' | 'deny', string>;
  readonly missing: (modules: string) => string;
  readonly none: string;
  readonly roles: Readonly<Record<string, string>>;
  readonly purposes: Readonly<Record<string, string>>;
  readonly things: Readonly<Record<string, string>>;
  /** Of a role, a purpose or a thing that has no words of its own. */
  readonly other: { readonly role: string; readonly purpose: string; readonly thing: string };
}

const en: AccessWords = {
  who: (when, agency, role, program) => `${when}: ${program ? 'a program' : 'a worker'} of ${agency} (${role}).`,
  you: (when) => `${when}: you.`,
  did: {
    read: (t) => `They read this: ${t}.`, wrote: (t) => `They worked on this: ${t}.`, decided: (t) => `They made up their mind on this: ${t}.`, copied: (t) => `They took a copy of this: ${t}.`,
  },
  wanted: {
    read: (t) => `They wanted to read this: ${t}.`, wrote: (t) => `They wanted to work on this: ${t}.`, decided: (t) => `They wanted to say yes or no to this: ${t}.`, copied: (t) => `They wanted a copy of this: ${t}.`,
  },
  what: (purpose) => `What for: ${purpose}.`,
  decision: { permit: 'The rules let them.', deny: 'We did not let them. They got nothing.' },
  missing: (modules) => `We could not ask all of those who help you. Not asked: ${modules}.`,
  none: 'There is nothing here.',
  roles: {
    'intake-worker': 'takes people in', 'counsellor': 'plans help with you', 'practitioner': 'helps with one thing', 'supervisor': 'leads the team', 'auditor': 'checks our work', 'admin': 'keeps the system up', 'module': 'works by itself',
  },
  purposes: { 'care': 'to help you', 'self': 'you asked for it', 'oversight': 'to check how we work', 'emergency': 'there was danger', 'conflict-check': 'to see if a lawyer may take the case' },
  things: {
    'plan': 'your plan', 'entry': 'a part of your plan', 'plan-text': 'words in your plan', 'client': 'who you are', 'consent': 'what you let us share', 'need': 'what you need', 'help-request': 'your call for help',
    'screening': 'your answers to our form', 'recommendation': 'what we think may help', 'goal': 'your goal', 'referral': 'that we sent you on', 'matter': 'your case at law', 'deadline': 'a due day in your case',
    'circumstances': 'who helps you and who may not', 'opening': 'a look in an emergency', 'access-log': 'who looked at your record', 'objection': 'what you do not agree with', 'person': 'all we hold of you',
  },
  other: { role: 'worker', purpose: 'other work', thing: 'your record' },
};

const ru: AccessWords = {
  who: (when, agency, role, program) => `Когда: ${when}. Кто: ${program ? 'программа' : 'работник'} (${role}). Где: ${agency}.`,
  you: (when) => `Когда: ${when}. Кто: вы.`,
  did: { read: (t) => `Что прочли: ${t}.`, wrote: (t) => `С чем работали: ${t}.`, decided: (t) => `О чём решали: ${t}.`, copied: (t) => `С чего сняли копию: ${t}.` },
  wanted: { read: (t) => `Что хотели прочесть: ${t}.`, wrote: (t) => `С чем хотели работать: ${t}.`, decided: (t) => `О чём хотели решать: ${t}.`, copied: (t) => `С чего хотели снять копию: ${t}.` },
  what: (purpose) => `Зачем: ${purpose}.`,
  decision: { permit: 'Им так можно.', deny: 'Мы их не пустили. Они не узнали ничего.' },
  missing: (modules) => `Не всех, кто вам помогает, мы смогли спросить. Кого не спросили: ${modules}.`,
  none: 'Тут пока ничего нет.',
  roles: {
    'intake-worker': 'ведёт приём', 'counsellor': 'ведёт ваш план', 'practitioner': 'помогает в одном деле', 'supervisor': 'ведёт команду', 'auditor': 'смотрит, как мы работаем', 'admin': 'следит за системой', 'module': 'идёт сама',
  },
  purposes: { 'care': 'помочь вам', 'self': 'вы просили', 'oversight': 'узнать, как мы работаем', 'emergency': 'была беда', 'conflict-check': 'узнать, может ли юрист взять дело' },
  things: {
    'plan': 'ваш план', 'entry': 'часть плана', 'plan-text': 'слова в плане', 'client': 'кто вы', 'consent': 'чем вы дали делиться', 'need': 'что вам нужно', 'help-request': 'ваша просьба', 'screening': 'ваши ответы на вопросы',
    'recommendation': 'что может вам помочь', 'goal': 'ваша цель', 'referral': 'куда вас послали', 'matter': 'ваше дело у юриста', 'deadline': 'срок в вашем деле', 'circumstances': 'кто вам помогает, а кому нельзя',
    'opening': 'взгляд в час беды', 'access-log': 'кто смотрел вашу запись', 'objection': 'с чем вы не согласны', 'person': 'всё, что у нас есть о вас',
  },
  other: { role: 'работает здесь', purpose: 'другая работа', thing: 'ваша запись' },
};

/** Kept easy to read: a test measures it. */
export const accessWords: Record<Language, AccessWords> = { en, ru };

const looks = new Set(['read', 'list', 'search', 'display', 'show', 'find', 'match', 'view', 'own']);
const decisions = new Set(['accept', 'reject', 'confirm', 'decide', 'decline', 'close', 'answer', 'acknowledge', 'activate', 'agree']);

/** From `<resource>.<verb>` alone: an action that nobody foresaw has words too. */
export const deedOf = (action: string): Deed => {
  const verb = action.split('.')[1] ?? '';
  const [first = ''] = verb.split('-');
  if (looks.has(first)) return 'read';
  if (first === 'export' || first === 'print') return 'copied';
  return decisions.has(first) ? 'decided' : 'wrote';
};

export const resourceOf = (action: string): string => action.split('.')[0] ?? '';
