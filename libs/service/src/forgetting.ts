import { erasureCompleted, topics, type DataOf, type erasureRequested } from '@opora/contracts';
import { NotHeardYet, type Clock, type Database, type Erasing, type Event, type Outbox } from '@opora/messaging';
import { keeping, type RetentionRule } from './retention/rules.js';

/** What every service does when a person is erased: twice, because what is said of the person may arrive in between. */
export class Forgetting {
  constructor(
    private readonly module: string, private readonly agency: string, private readonly rules: readonly RetentionRule[],
    private readonly erasing: Erasing, private readonly database: Database, private readonly outbox: Outbox, private readonly clock: Clock,
  ) {}

  /** Two people decided it: erases, and says what stays. */
  readonly requested = async ({ data }: Event): Promise<void> => {
    const request = data as DataOf<typeof erasureRequested>;
    await this.mustBeConfirmed(request);
    const { erasureId, clientId, aliases } = request;
    const persons = [clientId, ...aliases];
    await this.erase(persons, false);
    const kept = await this.erasing.kept(persons);
    await this.outbox.add([{
      contract: erasureCompleted, key: clientId, subject: erasureId, time: this.clock.now(), sequence: 1, agency: this.agency,
      data: { erasureId, clientId, module: this.module, kept },
    }]);
  };

  /** Everybody has erased the person: nobody needs the consent state any more, and whatever came since the request goes too. */
  readonly gone = async ({ key, data }: Event): Promise<void> => {
    if (data === null) await this.erase([key], true);
  };

  /** Many may write where requests stand; only the owner of consent states says in them that the person is being erased. */
  private async mustBeConfirmed({ erasureId, clientId, aliases }: DataOf<typeof erasureRequested>): Promise<void> {
    const [state] = await this.database.query<{ erased: boolean; erasing: string | null; aliases: string[] | null }>(
      `select body is null as erased, body->>'erasing' as erasing, body->'aliases' as aliases from head where topic = $1 and key = $2`, [topics.consents.name, clientId]);
    if (state?.erased) return;
    if (state?.erasing !== erasureId || !aliases.every((alias) => state.aliases?.includes(alias))) throw new NotHeardYet('The confirmation of the erasure');
  }

  private erase(persons: readonly string[], gone: boolean): Promise<void> {
    return this.erasing.erase(persons, keeping(this.rules, this.clock.now()), { gone });
  }
}
