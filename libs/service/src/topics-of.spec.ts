import { needConfirmed, referralAccepted, referralRequested, topics } from '@opora/contracts';
import type { ServiceDefinition } from './definition.js';
import { On } from './on.js';
import { topicsOf } from './topics-of.js';

class Reactions {
  @On(referralRequested) async requested(): Promise<void> {}
  @On(needConfirmed) async confirmed(): Promise<void> {}
}

const service = (more: Partial<ServiceDefinition>): ServiceDefinition =>
  ({ name: 'example', version: '0.1.0', titles: { en: 'Example', ru: 'Пример' }, controllers: [], migrations: [], ...more });

describe('The topics of a service', () => {
  it('are those of what it reacts to, follows, says and stores', () => {
    expect(topicsOf(service({ reactions: [Reactions], follows: [topics.watermarks.name], says: [referralAccepted], stores: [class { async refresh(): Promise<void> {} }] }))).toEqual({
      reads: ['opora.consents.v1', 'opora.erasures.v1', 'opora.intake.v1', 'opora.referrals.v1', 'opora.watermarks.v1'],
      writes: ['opora.erasures.v1', 'opora.modules.v1', 'opora.plan-entries.v1', 'opora.referrals.v1', 'opora.watermarks.v1'],
    });
  });

  it('are consents and erasures to hear, a manifest, watermarks and erasures to say, for one that does nothing else', () => {
    expect(topicsOf(service({}))).toEqual({ reads: ['opora.consents.v1', 'opora.erasures.v1'], writes: ['opora.erasures.v1', 'opora.modules.v1', 'opora.watermarks.v1'] });
  });
});
