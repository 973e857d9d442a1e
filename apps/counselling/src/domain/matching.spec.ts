import type { Manifest, Offer } from '@opora/contracts';
import { food, housing, psychological } from '../../test/given-plan.js';
import { match } from './matching.js';

const offer = (code: string, more: Partial<Offer> = {}): Offer => ({
  code, agency: 'house', titles: { en: code, ru: code }, needs: ['housing'], availability: 'open', cost: { amount: 0, currency: 'RUB' }, waitingDays: 5,
  requiredDocuments: [], languages: ['ru'], accessibility: [], ...more,
});
const manifest = (module: string, offers: Offer[], lifecycle: Manifest['lifecycle'] = 'active'): Manifest => ({
  module, revision: 1, version: '1.0.0', titles: { en: module, ru: module }, baseUrl: 'http://localhost:1', lifecycle, offers, says: [], hears: [], serves: [],
});
const matching = (needs: Parameters<typeof match>[0]['needs'], ...manifests: Manifest[]) =>
  match({ needs, manifests, consented: (agency) => agency === 'house', idOf: (need, { module, offer }) => `${need.ref.id} ${module}/${offer}` });
const codes = (options: ReturnType<typeof match>) => options.map(({ options: side }) => side.map(({ offer: { code } }) => code));

it('lays the offers of all modules side by side for each need', () =>
  expect(codes(matching([housing, food, psychological], manifest('alpha', [offer('shelter'), offer('soup', { needs: ['food'] })]), manifest('beta', [offer('meals', { needs: ['food', 'housing'], waitingDays: 1 })]))))
    .toEqual([['meals', 'shelter'], ['meals', 'soup'], []]));

it('leaves out modules that are leaving, and keeps those on trial', () =>
  expect(codes(matching([housing], manifest('alpha', [offer('shelter')], 'retiring'), manifest('beta', [offer('hostel')], 'pilot')))).toEqual([['hostel']]));

it('orders by availability, waiting time, cost and name', () =>
  expect(codes(matching([housing], manifest('alpha', [
    offer('closed', { availability: 'closed', waitingDays: 0 }), offer('listed', { availability: 'waitlist', waitingDays: 0 }), offer('slow', { waitingDays: 9 }),
    offer('dear', { cost: { amount: 10, currency: 'RUB' } }), offer('z-free'), offer('a-free'),
  ])))).toEqual([['a-free', 'z-free', 'dear', 'slow', 'listed', 'closed']]));

it('gives each option its reason', () => {
  const [{ options } = { options: [] }] = matching([housing], manifest('alpha', [offer('shelter'), offer('closed', { availability: 'closed', agency: 'other' })]));
  expect(options.map(({ choosable, reason }) => ({ choosable, ...reason }))).toEqual([
    { choosable: true, code: 'addresses-need', need: housing.ref, needCode: 'housing', consent: 'given' },
    { choosable: false, code: 'addresses-need', need: housing.ref, needCode: 'housing', consent: 'missing', notChoosable: 'offer-closed' },
  ]);
});
