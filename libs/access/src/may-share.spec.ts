import type { ConsentState, ConsentTerms } from '@opora/contracts';
import { mayShare } from './may-share.js';

const at = '2026-03-01T09:30:00.000Z';
const terms = (more: Partial<ConsentTerms> = {}): ConsentTerms => ({
  consentId: 'k-1', status: 'given', purpose: 'referral', recipients: ['bureau'], dataClasses: ['D1'], legalBasis: 'consent', from: '2026-01-01T00:00:00.000Z', ...more,
});
const state = (...consents: ConsentTerms[]): ConsentState => ({ clientId: 'c-1', version: 1, recordedAt: at, consents, aliases: [] });

describe('mayShare', () => {
  it.each<[string, boolean, ConsentState | undefined]>([
    ['nobody has said anything yet', false, undefined],
    ['no consent was ever asked', false, state()],
    ['it was given for this', true, state(terms())],
    ['it is asked, not given', false, state(terms({ status: 'requested' }))],
    ['it was refused', false, state(terms({ status: 'refused' }))],
    ['it was withdrawn', false, state(terms({ status: 'withdrawn' }))],
    ['it was recorded by mistake', false, state(terms({ status: 'entered-in-error' }))],
    ['it was given for another purpose', false, state(terms({ purpose: 'coordination' }))],
    ['it was given to another agency', false, state(terms({ recipients: ['centre'] }))],
    ['it was given to an agency of a longer name', false, state(terms({ recipients: ['bureau-2', 'a-bureau'] }))],
    ['it was given to several, this one among them', true, state(terms({ recipients: ['centre', 'bureau'] }))],
    ['it was given for other data', false, state(terms({ dataClasses: ['D0', 'D2', 'D3'] }))],
    ['it was given for several kinds of data, this among them', true, state(terms({ dataClasses: ['D0', 'D1'] }))],
    ['it begins at this moment', true, state(terms({ from: at }))],
    ['it begins a millisecond later', false, state(terms({ from: '2026-03-01T09:30:00.001Z' }))],
    ['it ended at this moment', false, state(terms({ until: at }))],
    ['it ends a millisecond later', true, state(terms({ until: '2026-03-01T09:30:00.001Z' }))],
    ['an old one was withdrawn and a new one given', true, state(terms({ status: 'withdrawn' }), terms({ consentId: 'k-2' }))],
    ['what is needed is spread over two, neither of which is enough', false, state(terms({ recipients: ['centre'] }), terms({ dataClasses: ['D2'] }))],
    ['another legal basis than consent stands', true, state(terms({ legalBasis: 'vital-interests' }))],
  ])('when %s: %p', (_, expected, consents) => {
    expect(mayShare(consents, 'referral', 'bureau', 'D1', at)).toBe(expected);
  });
});
