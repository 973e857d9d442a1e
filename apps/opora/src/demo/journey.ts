import type { TokenClaims } from '@opora/access';
import { answering, type Questionnaire } from './answers.js';
import { Person } from './person.js';

export interface Journey {
  /** Agencies that the person agrees to share with; those of the demo unless said. */
  readonly recipients?: readonly string[];
  readonly gateway: string;
  readonly mint: (claims: TokenClaims) => Promise<string>;
  readonly say: (line: string) => void;
  /** Whose journey it is; somebody made up unless said. */
  readonly client?: { readonly given: string; readonly family: string; readonly birthDate: string; readonly phone: string; readonly street: string };
  /** What the person and the lawyer say in it, where that matters. */
  readonly words?: { readonly ownAim?: string; readonly party?: string; readonly summary?: string };
}

const pick = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)]!;
const digits = (count: number): string => Array.from({ length: count }, () => Math.floor(Math.random() * 10)).join('');

const somebody = () => ({
  given: pick(['Анна', 'Мария', 'Ольга', 'Елена', 'Наталья']), family: pick(['Петрова', 'Соколова', 'Лебедева', 'Орлова', 'Зимина']),
  birthDate: `19${6 + Math.floor(Math.random() * 3)}${digits(1)}-0${1 + Math.floor(Math.random() * 9)}-1${digits(1)}`,
  phone: `+7900${digits(7)}`, street: `ул. Садовая, ${1 + Math.floor(Math.random() * 90)}`,
});

const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

const people = ({ gateway, mint, say }: Journey) => {
  const as = async (name: string, claims: TokenClaims) => new Person(gateway, await mint(claims), name, say);
  return {
    worker: () => as('intake', { sub: 'irina', agency: 'centre', roles: ['intake-worker'] }),
    counsellor: () => as('counsellor', { sub: 'konstantin', agency: 'centre', roles: ['counsellor'] }),
    lawyer: () => as('legal aid', { sub: 'lidia', agency: 'bureau', roles: ['legal-aid:practitioner'] }),
    client: (clientId: string) => as('client', { sub: `client-${clientId}`, agency: 'centre', roles: ['client'], opora_client: clientId }),
  };
};

/** What a command told, as a precondition of the next. */
const seen = (told: { headers: Headers }) => ({ 'if-match': told.headers.get('etag')! });

/** The way of one case through intake, counselling and legal aid, over the gateway's public API. Answers with the client's id. */
export const playJourney = async (journey: Journey): Promise<string> => {
  const clientId = await playToReferral(journey);
  await playLegalAid(journey, clientId);
  return clientId;
};

/** Until a plan is in force and legal aid is asked. Answers with the client's id. */
export const playToReferral = async (journey: Journey): Promise<string> => {
  const { say, client = somebody(), words, recipients = ['bureau', 'centre'] } = journey;
  const worker = await people(journey).worker();
  const counsellor = await people(journey).counsellor();

  say('\n1  The person becomes known, and says who may know what');
  const { body: { id: clientId } } = await worker.post('/v1/intake/clients', {
    names: { status: 'known', value: [{ use: 'official', given: client.given, family: client.family }] },
    birthDate: { status: 'known', value: client.birthDate }, address: { status: 'known', value: { text: client.street } },
    contacts: [{ kind: 'phone', value: client.phone, safeToContact: true }], language: 'ru', groups: [{ code: 'family-with-children' }], areaCode: 'RU-MOW',
  });
  const consent = { recipients, legalBasis: 'consent' };
  await worker.post(`/v1/intake/clients/${clientId}/consents`, { ...consent, purpose: 'referral', dataClasses: ['D1'] });
  await worker.post(`/v1/intake/clients/${clientId}/consents`, { ...consent, purpose: 'coordination', dataClasses: ['D1', 'D2'] });

  say('\n2  A request for help is triaged; the response clock runs until the first contact');
  const { body: request } = await worker.post('/v1/intake/help-requests', { source: 'self', clientId, needCodes: ['legal'] });
  await worker.post(`/v1/intake/help-requests/${request.id}/triage`, { urgency: 'urgent' });
  await worker.post(`/v1/intake/help-requests/${request.id}/contact`);

  say('\n3  A screening finds needs');
  const { body: instruments } = await worker.get('/v1/intake/instruments?status=published');
  const starter = instruments.items.find(({ url }: { url?: string }) => url === 'urn:opora:instrument:starter-screening');
  const { body: questionnaire } = await worker.get(`/v1/intake/instruments/${starter.id}/questionnaire`);
  const { body: screening } = await worker.post('/v1/intake/screenings', { clientId, instrumentId: starter.id });
  const response = answering(questionnaire as Questionnaire, { 'housing-place': 'losing', 'legal-matter': 'dated', 'psychological-strain': 'most' });
  const { body: { needs } } = await worker.post(`/v1/intake/screenings/${screening.id}/complete`, { response });

  say('\n4  The person confirms them');
  const confirmed: { id: string; needCode: string }[] = [];
  for (const id of needs as string[]) confirmed.push((await worker.post(`/v1/intake/needs/${id}/confirm`, { withClient: true })).body);

  say('\n5  Every module’s offers, side by side');
  const { body: recommended } = await counsellor.until(`/v1/counselling/clients/${clientId}/recommendations`, ({ status, body }) =>
    status === 200 && body.needs.length === confirmed.length && body.needs.some((need: any) => need.options.some((o: any) => o.reason.consent === 'given')));
  const option = recommended.needs.flatMap((need: any) => need.options).find((o: any) => o.offer === 'legal-consultation' && o.reason.needCode === 'legal');
  await counsellor.post(`/v1/counselling/clients/${clientId}/recommendations/${option.recommendationId}/accept`);

  say('\n6  A plan is made with the person, agreed and set in force');
  const { body: plan } = await counsellor.post('/v1/counselling/plans', { clientId });
  const path = `/v1/counselling/plans/${plan.id}`;
  const legal = { module: 'intake', id: confirmed.find(({ needCode }) => needCode === 'legal')!.id };
  await counsellor.post(`${path}/goals`, {
    needs: [legal], title: 'rights-protected', ownAim: words?.ownAim ?? 'Я хочу спокойно жить с детьми в своей квартире', actions: [{ title: 'gather-documents', due: inDays(5), responsible: 'konstantin' }],
  });
  for (const { id } of confirmed.filter(({ needCode }) => needCode !== 'legal')) {
    await counsellor.post(`${path}/not-now`, { need: { module: 'intake', id }, reason: 'another-need-first' });
  }
  await counsellor.post(`${path}/choices`, { needs: [legal], module: option.module, offer: option.offer, urgency: 'urgent', recommendationId: option.recommendationId });
  await counsellor.post(`${path}/review-date`, { reviewOn: inDays(30) });
  const ready = await counsellor.post(`${path}/responsible`, { responsible: 'konstantin' });
  const submitted = await counsellor.post(`${path}/submit`, {}, seen(ready));
  const herself = await people(journey).client(clientId);
  const agreed = await herself.post(`${path}/client-decision`, { decision: 'agree' }, seen(submitted));
  const active = await counsellor.post(`${path}/activate`, {}, seen(agreed));

  say('\n7  Legal aid is asked, accepts and works');
  const token = active.headers.get('opora-plan-entry')!;
  const { body: shown } = await counsellor.get(`/v1/clients/${clientId}/plan?after=${encodeURIComponent(token)}`, { prefer: 'wait=5' });
  say(`               the plan shows: ${shown.sections.map((s: any) => `${s.title} ${s.state}`).join(', ')}`);
  return clientId;
};

const playLegalAid = async (journey: Journey, clientId: string): Promise<void> => {
  const lawyer = await people(journey).lawyer();
  const counsellor = await people(journey).counsellor();
  const { body: { items: [referral] } } = await lawyer.until(`/v1/legal-aid/referrals?clientId=${clientId}`, ({ body }) => body.items?.length === 1);
  const { body: { matterId } } = await lawyer.post(`/v1/legal-aid/referrals/${referral.id}/accept`);
  const matter = `/v1/legal-aid/matters/${matterId}`;
  const adverseParties = [journey.words?.party ?? 'ООО «Домсервис»'];
  await lawyer.post(`${matter}/conflict-match`, { adverseParties });
  await lawyer.post(`${matter}/conflict-check`, { outcome: 'clear', adverseParties });
  const eligible = await lawyer.post(`${matter}/eligibility`, { outcome: 'eligible', ground: 'low-income' });
  await lawyer.post(`${matter}/activate`, { nextDeadline: inDays(14) }, seen(eligible));
  await lawyer.post(`${matter}/deadlines`, { rule: 'ru-gpk/128', eventDay: inDays(0), zone: 'Europe/Moscow', region: 'RU-MOW' });
  const told = await lawyer.post(`${matter}/summary`, { text: journey.words?.summary ?? 'Мы готовим возражения в суд. От вас нужны договор и квитанции.' });

  journey.say('\n8  One plan from all modules');
  await counsellor.get(`/v1/clients/${clientId}/plan?after=${encodeURIComponent(told.headers.get('opora-plan-entry')!)}`, { prefer: 'wait=5' });
};
