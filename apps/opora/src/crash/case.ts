import { answering, type Questionnaire } from '../demo/answers.js';
import type { Desk, Told } from './desk.js';
import type { Random } from './random.js';

const syllables = ['ба', 'ве', 'гу', 'до', 'жи', 'за', 'ку', 'лы', 'мо', 'ни'];
/** Nobody is like anybody else: duplicates would be asked about. */
const nameOf = (person: number): string => [...String(person)].map((digit) => syllables[Number(digit)]).join('').replace(/^./, (first) => first.toUpperCase());
const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const seen = ({ headers }: Told) => ({ 'if-match': headers.get('etag')! });

/** One person's way through all modules, the way of the demo, command by command. */
export const playCase = async (desk: Desk, person: number, random: Random): Promise<void> => {
  const { body: { id: clientId } } = await desk.command('intake', 'register client', '/v1/intake/clients', ['intake.client-registered', 'intake.person-key-made'], {
    names: { status: 'known', value: [{ use: 'official', given: 'Проба', family: nameOf(person) }] },
    birthDate: { status: 'known', value: `19${10 + (person % 90)}-0${1 + (person % 9)}-1${person % 7}` }, language: 'ru', areaCode: 'RU-MOW',
    contacts: [{ kind: 'phone', value: `+7901${String(person).padStart(7, '0')}`, safeToContact: true }],
  });
  desk.clientId = clientId;
  const consent = { recipients: ['bureau', 'centre'], legalBasis: 'consent' };
  const given = ['intake.consent-requested', 'intake.consent-given'];
  await desk.command('intake', 'consent to referrals', `/v1/intake/clients/${clientId}/consents`, given, { ...consent, purpose: 'referral', dataClasses: ['D1'] });
  await desk.command('intake', 'consent to coordination', `/v1/intake/clients/${clientId}/consents`, given, { ...consent, purpose: 'coordination', dataClasses: ['D1', 'D2'] });

  const { body: request } = await desk.command('intake', 'register help request', '/v1/intake/help-requests', ['intake.help-request-registered'], { source: 'self', clientId, needCodes: ['legal'] });
  await desk.command('intake', 'triage', `/v1/intake/help-requests/${request.id}/triage`, ['intake.help-request-triaged'], { urgency: 'urgent' });
  await desk.command('intake', 'first contact', `/v1/intake/help-requests/${request.id}/contact`, ['intake.first-contact-made']);

  const confirmed = await screen(desk, clientId);
  const path = await makePlan(desk, clientId, confirmed);
  await decide(desk, path);
  await workOn(desk, clientId, random);
};

const screen = async (desk: Desk, clientId: string): Promise<{ id: string; needCode: string }[]> => {
  const { body: instruments } = await desk.read('intake', '/v1/intake/instruments?status=published');
  const starter = instruments.items.find(({ url }: { url?: string }) => url === 'urn:opora:instrument:starter-screening');
  const { body: questionnaire } = await desk.read('intake', `/v1/intake/instruments/${starter.id}/questionnaire`);
  const { body: screening } = await desk.command('intake', 'plan screening', '/v1/intake/screenings', ['intake.screening-planned'], { clientId, instrumentId: starter.id });
  const response = answering(questionnaire as Questionnaire, { 'housing-place': 'losing', 'legal-matter': 'dated', 'psychological-strain': 'most' });
  const found = ['intake.need-identified', 'intake.need-identified', 'intake.need-identified'];
  const { body: { needs } } = await desk.command('intake', 'complete screening', `/v1/intake/screenings/${screening.id}/complete`, ['intake.screening-completed', ...found], { response });
  const confirmed = [];
  for (const id of needs as string[]) confirmed.push((await desk.command('intake', 'confirm need', `/v1/intake/needs/${id}/confirm`, ['intake.need-confirmed'], { withClient: true })).body);
  return confirmed;
};

const makePlan = async (desk: Desk, clientId: string, confirmed: readonly { id: string; needCode: string }[]): Promise<string> => {
  const recommended = await desk.until('counsellor', `/v1/counselling/clients/${clientId}/recommendations`, ({ status, body }) =>
    status === 200 && body.needs.length === confirmed.length && body.needs.some((need: any) => need.options.some((o: any) => o.reason.consent === 'given')));
  const option = recommended.body.needs.flatMap((need: any) => need.options).find((o: any) => o.offer === 'legal-consultation' && o.reason.needCode === 'legal');
  await desk.command('counsellor', 'accept recommendation', `/v1/counselling/clients/${clientId}/recommendations/${option.recommendationId}/accept`,
    ['counselling.recommendation-made', 'counselling.recommendation-accepted']);
  const { body: plan } = await desk.command('counsellor', 'open plan', '/v1/counselling/plans', ['counselling.plan-opened'], { clientId });
  const path = `/v1/counselling/plans/${plan.id}`;
  const legal = { module: 'intake', id: confirmed.find(({ needCode }) => needCode === 'legal')!.id };
  await desk.command('counsellor', 'add goal', `${path}/goals`, ['counselling.goal-added'], {
    needs: [legal], title: 'rights-protected', ownAim: 'Спокойно жить дома', actions: [{ title: 'gather-documents', due: inDays(5), responsible: 'konstantin' }],
  });
  for (const { id } of confirmed.filter(({ needCode }) => needCode !== 'legal')) {
    await desk.command('counsellor', 'put need off', `${path}/not-now`, ['counselling.need-put-off'], { need: { module: 'intake', id }, reason: 'another-need-first' });
  }
  await desk.command('counsellor', 'choose offer', `${path}/choices`, ['counselling.offer-chosen'],
    { needs: [legal], module: option.module, offer: option.offer, urgency: 'urgent', recommendationId: option.recommendationId });
  await desk.command('counsellor', 'set review date', `${path}/review-date`, ['counselling.review-date-set'], { reviewOn: inDays(30) });
  return path;
};

const decide = async (desk: Desk, path: string): Promise<void> => {
  const ready = await desk.command('counsellor', 'name responsible', `${path}/responsible`, ['counselling.responsible-named'], { responsible: 'konstantin' });
  const submitted = await desk.command('counsellor', 'submit plan', `${path}/submit`, ['counselling.plan-submitted'], {}, seen(ready));
  const agreed = await desk.command('client', 'agree', `${path}/client-decision`, ['counselling.client-decided'], { decision: 'agree' }, seen(submitted));
  await desk.command('counsellor', 'activate plan', `${path}/activate`, ['counselling.plan-activated', 'opora.referral.requested'], {}, seen(agreed));
};

const workOn = async (desk: Desk, clientId: string, random: Random): Promise<void> => {
  const { body: { items: [referral] } } = await desk.until('lawyer', `/v1/legal-aid/referrals?clientId=${clientId}`, ({ status, body }) => status === 200 && body.items.length === 1);
  const answer = `/v1/legal-aid/referrals/${referral.id}`;
  if (random.chance(0.2)) {
    await desk.command('lawyer', 'reject referral', `${answer}/reject`, ['opora.referral.rejected'], { reason: 'no-capacity' });
    return;
  }
  // Consent travels on another topic: the request may have been faster.
  const { body: { matterId } } = await desk.asLongAs('consent-missing', () =>
    desk.command('lawyer', 'accept referral', `${answer}/accept`, ['opora.referral.accepted', 'legal-aid.matter-opened']));
  const matter = `/v1/legal-aid/matters/${matterId}`;
  await desk.command('lawyer', 'check conflict', `${matter}/conflict-check`, ['legal-aid.conflict-checked'], { outcome: 'clear', adverseParties: ['ООО «Домсервис»'] });
  const eligible = await desk.command('lawyer', 'decide eligibility', `${matter}/eligibility`, ['legal-aid.eligibility-decided'], { outcome: 'eligible', ground: 'low-income' });
  await desk.command('lawyer', 'activate matter', `${matter}/activate`, ['legal-aid.matter-activated'], { nextDeadline: inDays(14) }, seen(eligible));
  await desk.command('lawyer', 'write summary', `${matter}/summary`, ['legal-aid.summary-written'], { text: 'Мы готовим возражения в суд.' });
  await desk.command('lawyer', 'set deadline', `${matter}/deadline`, ['legal-aid.deadline-set'], { nextDeadline: inDays(20) });
  await desk.command('lawyer', 'await third party', `${matter}/await-third-party`, ['legal-aid.matter-awaiting-third-party']);
  await desk.command('lawyer', 'resume matter', `${matter}/resume`, ['legal-aid.matter-resumed']);
  await desk.command('lawyer', 'resolve matter', `${matter}/resolve`, ['legal-aid.matter-resolved'], { outcome: 'settled' });
  await desk.command('lawyer', 'close matter', `${matter}/close`, ['legal-aid.matter-closed']);
};
