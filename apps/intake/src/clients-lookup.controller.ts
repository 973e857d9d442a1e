import { Body, Controller, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, type Actor } from '@opora/access';
import type { ClientDisplay, ClientsDisplayAnswer } from '@opora/contracts';
import { DomainError } from '@opora/domain';
import { Clock, Database, type Stored } from '@opora/messaging';
import { Answers, AnswersPage, By, Part, Reading, type Page } from '@opora/service';
import { Care } from './care.js';
import { ClientDisplayed, ClientFound, DisplayClients, SearchClients } from './clients.dto.js';
import { Clients, type Wanted } from './clients.store.js';
import type { Client } from './domain/client.js';
import { ageOn, birthYear, shortName } from './domain/display.js';
import { foldIdentifier, foldPhone, nameParts, type MatchKey } from './domain/matching.js';
import { permittedContact } from './domain/safe-contact.js';
import { Looks } from './looks.store.js';
import { asSaid } from './sight.js';

class ClientsDisplayed {
  @Part(() => ClientDisplayed, { list: true }) items!: ClientDisplayed[];
}

@ApiTags('clients')
@Controller('v1/intake')
export class ClientsLookupController {
  constructor(private readonly clients: Clients, private readonly care: Care, private readonly reading: Reading, private readonly looks: Looks, private readonly database: Database, private readonly clock: Clock) {}

  /** Whoever is not in the caller's care is left out, as if there were no such person. A merged record shows the surviving one's name. */
  @Allow('client.display') @Post('clients::display') @Answers(ClientsDisplayed)
  displayClients(@Body() { ids, purpose }: DisplayClients, @By() actor: Actor): Promise<ClientsDisplayAnswer> {
    const now = this.clock.now();
    return this.database.transaction(async () => {
      const shown = await this.care.within(await this.clients.survivors(ids), actor);
      await this.looks.record(actor, { action: 'display', purpose }, [...new Set(shown.map(({ id }) => id))]);
      return { items: shown.map(({ asked, id, state: { person } }): ClientDisplay => ({
        id: asked, shortName: shortName(person), age: ageOn(person, now.slice(0, 10)), contact: permittedContact(person, now), ...(asked !== id && { mergedInto: id }),
      })) };
    });
  }

  /** Among those for whom the caller cares. */
  @Allow('client.search') @Post('clients::search') @AnswersPage(ClientFound)
  searchClients(@Body() body: SearchClients, @By() actor: Actor) {
    return this.found(body, actor);
  }

  /** Among all people of the agency: a right of its own, to find who was here before. */
  @Allow('client.search-outside-caseload') @Post('clients::search-outside-caseload') @AnswersPage(ClientFound)
  searchClientsOutsideCaseload(@Body() body: SearchClients, @By() actor: Actor) {
    return this.found(body, actor);
  }

  private found(body: SearchClients, actor: Actor): Promise<Page<ClientFound>> {
    const { birthDate, purpose } = body;
    const wanted = wantedOf(body);
    return this.database.transaction(async () => {
      const page = await this.reading.page(asSaid(this.clients), actor, 'D1', { status: 'registered', birth: birthDate, wanted }, body, listed);
      await this.looks.record(actor, { action: 'search', purpose }, page.items.map(({ id }) => id));
      return page;
    });
  }
}

const listed = ({ id, state: { person } }: Stored<Client>): ClientFound => ({ id, shortName: shortName(person), birthYear: birthYear(person) });

const wantedOf = ({ name, birthDate, identifier, phone }: SearchClients): Wanted | undefined => {
  const parts = nameParts(name ?? '');
  const digits = phone === undefined ? undefined : foldPhone(phone);
  const keys: MatchKey[] = [...(identifier ? [{ kind: 'identifier' as const, key: foldIdentifier(identifier) }] : []), ...(digits ? [{ kind: 'phone' as const, key: digits }] : [])];
  const empty = name !== undefined && parts.length === 0 ? '/name' : phone !== undefined && digits === undefined ? '/phone' : undefined;
  if (empty) throw new DomainError('invalid', 'invalid-request', 'Some fields are not valid', [{ pointer: empty, code: 'nothing-to-find', detail: 'holds nothing that could be looked for' }]);
  if (parts.length + keys.length > 0) return { parts, keys };
  if (birthDate !== undefined) return undefined;
  throw new DomainError('invalid', 'nothing-to-find', 'Give a name, birth date, identifier or phone number');
};
