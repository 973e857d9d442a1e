import type { DataClass, LegalBasis, Purpose } from '@opora/contracts';
import { inWords, type Instant } from '@opora/domain';
import { statusAt, type Consent, type ConsentRecord } from './consent.js';

export interface Reader {
  readonly language: 'en' | 'ru';
  readonly zone?: string | undefined;
  readonly at: Instant;
  /** What people call an agency. */
  readonly titleOf: (agency: string) => string;
}

/** What was agreed or decided, and nothing that comes later: its hash is the same as long as none of it was changed. */
export const termsOf = (consent: Consent, { clientId, agency }: Pick<ConsentRecord, 'clientId' | 'agency'>) => {
  const { consentId, purpose, recipients, dataClasses, legalBasis, norm, from, until, givenAt, evidence } = consent;
  return { consentId, clientId, agency, purpose, recipients, dataClasses, legalBasis, norm, from, until, givenAt, evidence };
};

type Status = ReturnType<typeof statusAt>;

interface Words {
  readonly title: (legalBasis: LegalBasis) => string;
  readonly status: Record<Exclude<Status, 'given'>, (day: string) => string>;
  readonly who: (names: string) => string;
  readonly what: (data: string) => string;
  readonly data: Record<DataClass, string>;
  readonly purpose: Record<Purpose, string>;
  readonly from: (from: string, until: string | undefined, byConsent: boolean) => string;
  readonly basis: Record<LegalBasis, (norm: string) => string>;
  readonly stopping: Record<LegalBasis, string>;
  readonly medium: Record<'paper' | 'electronic' | 'spoken', string>;
  readonly represented: string;
  readonly taken: (day: string, by: string | undefined) => string;
}

const again = { en: 'You cannot stop this just by saying so. You may ask us to look at it again, and you may complain.', ru: 'Одних ваших слов мало, чтобы это остановить. Но вы можете попросить нас проверить всё снова. Можно и подать жалобу.' };

const words: Record<Reader['language'], Words> = {
  en: {
    title: (basis) => (basis === 'consent' ? 'What you said yes to' : 'What we share about you'),
    status: {
      requested: () => 'You have not said yes yet. Nothing is shared.', refused: () => 'You said no. Nothing is shared.',
      withdrawn: (day) => `You took this back on ${day}. We do not share any more.`, ended: (day) => `We put an end to this on ${day}. We do not share any more.`,
      'objected-to': (day) => `You asked us to stop on ${day}. Nothing is shared until a person has looked at it.`, expired: (day) => `This came to its end on ${day}. We do not share any more.`,
      'entered-in-error': () => 'This was written down by mistake. Nothing is shared.',
    },
    who: (names) => `Who may see it: ${names}.`, what: (data) => `What they may see: ${data}.`,
    data: { D0: 'facts that do not name you', D1: 'what help you need and get, and when', D2: 'facts about your health and your mind', D3: 'what is kept secret for you' },
    purpose: { referral: 'What for: they may be asked to help you.', coordination: 'What for: they may read your plan, so that we can help you as one team.' },
    from: (from, until, byConsent) => (until ? `From ${from} to ${until}.` : byConsent ? `From ${from} until you take it back.` : `From ${from}, for as long as we need it.`),
    basis: {
      consent: () => 'Why we may: you said yes.', contract: () => 'Why we may: it is part of what we agreed with you.', 'legal-obligation': (norm) => `Why we may: the law tells us to (${norm}).`,
      'vital-interests': () => 'Why we may: your life or your health is in danger.', 'public-task': (norm) => `Why we may: it is our task by law (${norm}).`,
    },
    stopping: {
      consent: 'You may take back your yes at any time. You need not say why. Tell any of us, or do it yourself on a screen. We then stop at once. What was shared up to then stays lawful. Nobody may treat you worse for it.',
      'public-task': 'You may tell us that you do not want this. We then stop at once, and a person looks at it.',
      contract: again.en, 'legal-obligation': again.en, 'vital-interests': `It ends when the danger does. ${again.en}`,
    },
    medium: { paper: 'You signed a form on paper.', electronic: 'You agreed on a screen.', spoken: 'You said it to us.' },
    represented: 'Somebody who may speak for you did this for you.',
    taken: (day, by) => (by === undefined ? `That was on ${day}. You did it yourself.` : `That was on ${day}. Our worker wrote it down: ${by}.`),
  },
  ru: {
    title: (basis) => (basis === 'consent' ? 'На что вы дали согласие' : 'Что мы о вас сообщаем'),
    status: {
      requested: () => 'Вы ещё не дали ответ. Мы ничего не сообщаем.', refused: () => 'Вы сказали «нет». Мы ничего не сообщаем.',
      withdrawn: (day) => `Вы взяли своё «да» назад. День: ${day}. Больше мы ничего не сообщаем.`, ended: (day) => `Мы сами это закончили. День: ${day}. Больше мы ничего не сообщаем.`,
      'objected-to': (day) => `Вы просили нас это прекратить. День: ${day}. Мы ничего не сообщаем, пока дело не решит человек.`, expired: (day) => `Срок вышел. День: ${day}. Больше мы ничего не сообщаем.`,
      'entered-in-error': () => 'Это записали по ошибке. Мы ничего не сообщаем.',
    },
    who: (names) => `Кто может это видеть: ${names}.`, what: (data) => `Что им можно видеть: ${data}.`,
    data: { D0: 'то, где нет вашего имени', D1: 'какая помощь вам нужна, кто её даёт и когда', D2: 'что важно знать о вашем здоровье', D3: 'то, что мы храним в тайне' },
    purpose: { referral: 'Для чего: их можно попросить вам помочь.', coordination: 'Для чего: им можно читать ваш план, чтобы помогать вам вместе.' },
    from: (from, until, byConsent) => (until ? `С какого дня: ${from}. По какой день: ${until}.` : byConsent ? `С какого дня: ${from}. По какой день: пока вы не скажете «нет».` : `С какого дня: ${from}. По какой день: пока это нужно.`),
    basis: {
      consent: () => 'Почему нам можно: вы сказали «да».', contract: () => 'Почему нам можно: так мы с вами договорились.', 'legal-obligation': (norm) => `Почему нам можно: так велит закон (${norm}).`,
      'vital-interests': () => 'Почему нам можно: есть угроза вашей жизни или здоровью.', 'public-task': (norm) => `Почему нам можно: закон дал нам такую задачу (${norm}).`,
    },
    stopping: {
      consent: 'Вы можете взять своё «да» назад в любой день. Почему — говорить не нужно. Скажите любому из нас или сделайте это сами на экране. Мы сразу всё прекратим. Что узнали до этого дня, узнали по закону. Хуже к вам за это никто не будет.',
      'public-task': 'Вы можете сказать нам, что вы против. Мы сразу всё прекратим, и дело решит человек.',
      contract: again.ru, 'legal-obligation': again.ru, 'vital-interests': `Это кончится, когда пройдёт угроза. ${again.ru}`,
    },
    medium: { paper: 'Вы подписали лист бумаги.', electronic: 'Вы дали ответ на экране.', spoken: 'Вы сказали нам это вслух.' },
    represented: 'За вас это сделал тот, кто может за вас говорить.',
    taken: (day, by) => (by === undefined ? `День: ${day}. Вы сделали это сами.` : `День: ${day}. Записал наш сотрудник: ${by}.`),
  },
};

/** Who may see what, what for, until when, on which ground, and how it stops; in sentences for the person. */
export const receiptOf = (consent: Consent, { language, zone, at, titleOf }: Reader): { title: string; words: string[] } => {
  const say = words[language];
  const day = (moment: Instant) => inWords(moment, language, { zone });
  const { purpose, recipients, dataClasses, legalBasis, norm = '', from, until, givenAt, endedAt, evidence } = consent;
  const status = statusAt(consent, at);
  return {
    title: say.title(legalBasis),
    words: [
      ...(status === 'given' ? [] : [say.status[status](day((status === 'expired' ? until : endedAt) ?? from))]),
      say.who(recipients.map(titleOf).join(', ')), say.what(dataClasses.map((one) => say.data[one]).join('; ')), say.purpose[purpose],
      say.from(day(from), until && day(until), legalBasis === 'consent'), say.basis[legalBasis](norm),
      ...(status === 'given' ? [say.stopping[legalBasis]] : []),
      ...(evidence && legalBasis === 'consent' ? [say.medium[evidence.document.medium]] : []), ...(evidence?.representative ? [say.represented] : []),
      ...(evidence && givenAt ? [say.taken(day(givenAt), evidence.byClient ? undefined : evidence.takenBy)] : []),
    ],
  };
};
