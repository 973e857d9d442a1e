import type { ConsentTerms } from '@opora/contracts';
import { asOnePerson, type Said } from './one-person.js';

const terms = (more: Partial<ConsentTerms> = {}): ConsentTerms => ({
  consentId: 'k', status: 'given', purpose: 'coordination', recipients: ['bureau'], dataClasses: ['D1'], legalBasis: 'consent', from: '2026-01-01T00:00:00.000Z', ...more,
});
const said = (clientId: string, consents: ConsentTerms[] = [], more: Partial<Said> = {}): Said => ({ clientId, consents, aliases: [], ...more });
const given = terms();
const withdrawn = terms({ status: 'withdrawn' });

describe('several records of one person', () => {
  it('say of a person with one record what that record says', () => {
    const own = said('a', [given, withdrawn]);
    expect(asOnePerson(own, [])).toBe(own);
  });

  it('care and bar for the person, not for a record; aliases and the key stay each record’s own', () => {
    const merged = said('a', [], { team: ['x', 'y', 'z'], barred: { subjects: ['z'], clients: [] }, hidden: true, key: 'of-a' });
    const survivor = said('b', [], { aliases: ['a'], team: ['y'], hidden: false, key: 'of-b' });
    const together = { barred: { subjects: ['z'], clients: [] }, hidden: true };
    expect(asOnePerson(survivor, [merged])).toMatchObject({ ...together, clientId: 'b', aliases: ['a'], key: 'of-b', team: ['y', 'x'] });
    expect(asOnePerson(merged, [survivor])).toMatchObject({ ...together, clientId: 'a', aliases: [], key: 'of-a', team: ['x', 'y'] });
    expect(asOnePerson(said('b'), [said('a')])).toEqual(said('b'));
  });
});

describe('the narrower consent', () => {
  it.each<[string, ConsentTerms[], ConsentTerms[], ConsentTerms[]]>([
    ['what only one record was asked for counts', [], [given], [given]],
    ['a withdrawal on the merged record holds', [given], [withdrawn], []],
    ['a withdrawal on the surviving record holds', [withdrawn], [given], []],
    ['a refusal holds as well', [given], [terms({ status: 'refused' })], []],
    ['what was only asked, or entered in error, is no no', [given], [terms({ status: 'requested' }), terms({ status: 'entered-in-error' })], [given]],
    ['a later yes of the same record ends its no', [given], [withdrawn, given], [given, given]],
    ['a no to another purpose leaves it', [given], [terms({ status: 'refused', purpose: 'referral' })], [given]],
    ['only the refused recipients and classes go', [terms({ recipients: ['bureau', 'clinic', 'school'], dataClasses: ['D1', 'D2'] })], [terms({ status: 'refused', dataClasses: ['D2'] })],
      [terms({ recipients: ['bureau'], dataClasses: ['D1'] }), terms({ recipients: ['clinic', 'school'], dataClasses: ['D1', 'D2'] })]],
    ['what law orders does not rest on consent', [terms({ legalBasis: 'legal-obligation' })], [withdrawn], [terms({ legalBasis: 'legal-obligation' })]],
    ['but ends when the same ground was ended', [terms({ legalBasis: 'public-task' })], [terms({ status: 'withdrawn', legalBasis: 'public-task' })], []],
    ['and a yes on another ground does not end a no to consent', [given], [withdrawn, terms({ legalBasis: 'public-task' })], [terms({ legalBasis: 'public-task' })]],
  ])('%s', (_, survivor, merged, expected) => {
    const both = [asOnePerson(said('b', survivor, { aliases: ['a'] }), [said('a', merged)]), asOnePerson(said('a', merged), [said('b', survivor)])];
    for (const { consents } of both) expect(consents.filter(({ status }) => status === 'given')).toEqual(expected);
  });
});
