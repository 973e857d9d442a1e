import { Body, Controller, Get, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, AllowAnyone, type Actor } from '@opora/access';
import { clientsMatchIssuer, hashOf, type ClientsMatchClaims } from '@opora/contracts';
import { Clock, Database } from '@opora/messaging';
import { Answers, By } from '@opora/service';
import { SignJWT } from 'jose';
import { ClientsMatched, MatchClients, PublishedMatchKeys } from './client-matching.dto.js';
import { fold, nameParts } from './domain/matching.js';
import { Looks } from './looks.store.js';
import { MatchKeys } from './match-key.store.js';
import { People } from './people.js';

const LIFETIME_S = 15 * 60;

/** Given and family name are any two words of the name, in any order; the patronymic and titles may stand between. */
const keysOf = (name: string): string[] => {
  const words = name.split(/[\s,.]+/u).map(fold).filter((word) => word !== '').slice(0, 12);
  return words.flatMap((one, i) => words.slice(i + 1).map((other) => [one, other].sort().join('|')));
};

@ApiTags('clients')
@Controller('v1/intake')
export class ClientMatchingController {
  constructor(private readonly database: Database, private readonly looks: Looks, private readonly clock: Clock, private readonly keys: MatchKeys, private readonly people: People) {}

  /** Says only whether somebody may be meant, of all clients of all agencies. Who asked is recorded, but under no client: it would tell them that they are a party. */
  @Allow('client.match') @Post('clients::match') @Answers(ClientsMatched)
  async matchClients(@Body() body: MatchClients, @By() actor: Actor): Promise<ClientsMatched> {
    const { purpose, names, except } = body;
    const result = await this.database.transaction(async () => {
      await this.looks.record(actor, { action: 'search', purpose }, []);
      return await this.anyOf(names, except, actor) ? 'possible' : 'none';
    });
    const { secret, published } = await this.keys.current();
    const claims: ClientsMatchClaims = { purpose, result, asked: hashOf(body) };
    const now = Math.floor(Date.parse(this.clock.now()) / 1000);
    const answer = await new SignJWT({ ...claims }).setProtectedHeader({ alg: 'ES256', kid: published.kid! }).setIssuer(clientsMatchIssuer).setIssuedAt(now).setExpirationTime(now + LIFETIME_S).sign(secret);
    return { answer };
  }

  @AllowAnyone('client.match-keys') @Get('match-keys') @Answers(PublishedMatchKeys)
  async getMatchKeys(): Promise<PublishedMatchKeys> {
    return { keys: [(await this.keys.current()).published] };
  }

  /**
   * Looks through hidden records too: the answer keeps a lawyer from acting against somebody who is protected, and names nobody. Whoever
   * is barred from a person does not learn even that.
   */
  private async anyOf(names: readonly string[], except: string | undefined, { sub }: Actor): Promise<boolean> {
    const singles = names.map(nameParts).filter((parts) => parts.length === 1).flat();
    const rows = await this.database.query(
      `select 1 from client_match_key k where ((kind = 'name' and key = any($1)) or (kind = 'part' and key = any($2))) and client_id <> all($3::uuid[])
         and not exists (select from client asked join client record on coalesce(record.survivor, record.id) = coalesce(asked.survivor, asked.id)
           join consent_record about on about.client_id = record.id where asked.id = k.client_id and about.barred_subjects @> array[$4::text]) limit 1`,
      [names.flatMap(keysOf), singles, await this.people.among(except) ?? [], sub]);
    return rows.length > 0;
  }
}
