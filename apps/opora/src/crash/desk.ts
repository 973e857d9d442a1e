import type { TokenClaims } from '@opora/access';
import { randomUUID } from 'node:crypto';
import type { Command, Journal } from './commands.js';
import type { Random } from './random.js';

export type Role = 'intake' | 'counsellor' | 'lawyer' | 'client';

export interface Told { readonly status: number; readonly headers: Headers; readonly body: any }

/** The case goes no further: refused, given up, or the time is over. */
export class CaseEnded extends Error {
  constructor(readonly refusal?: string) {
    super(refusal ?? 'ended');
  }
}

const TIMEOUT_MS = 8_000;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Refusals that say: try the same again. */
const passing = new Set(['request-in-flight', 'changed-at-once']);

const roles: Record<Exclude<Role, 'client'>, Pick<TokenClaims, 'agency' | 'roles'>> = {
  intake: { agency: 'centre', roles: ['intake-worker'] },
  counsellor: { agency: 'centre', roles: ['counsellor'] },
  lawyer: { agency: 'bureau', roles: ['legal-aid:practitioner'] },
};

export interface Office {
  readonly gateway: string;
  readonly mint: (claims: TokenClaims) => Promise<string>;
  readonly journal: Journal;
  /** Nothing new is begun after that. */
  readonly closing: AbortSignal;
  /** Nobody tries again after that. */
  readonly closed: AbortSignal;
}

/** Where one person's case is worked on. Commands are sent again, under the same Idempotency-Key, until they are answered. */
export class Desk {
  clientId: string | undefined;

  constructor(private readonly office: Office, private readonly person: number, private readonly random: Random) {}

  async command(role: Role, step: string, path: string, makes: readonly string[], body: unknown = {}, headers: Record<string, string> = {}): Promise<Told> {
    if (this.office.closing.aborted) throw new CaseEnded();
    const service = path.split('/')[2]!;
    const command = this.office.journal.open({ person: this.person, step, service, makes });
    const token = await this.token(role, command.sub);
    const key = randomUUID();
    const send = () => this.send('POST', path, { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': key, ...headers }, JSON.stringify(body));
    const told = await this.insist(command, send);
    if (this.random.chance(0.15)) await this.repeat(command, told, send);
    command.clientId = this.clientId;
    return told;
  }

  /** A command anew, another one each time, while it is refused so. */
  async asLongAs(refusal: string, command: () => Promise<Told>): Promise<Told> {
    for (; ; await sleep(300)) {
      try {
        return await command();
      } catch (error) {
        if (!(error instanceof CaseEnded) || error.refusal !== refusal) throw error;
      }
    }
  }

  /** Asks until it is so: what others do comes over the broker, however long that takes. */
  async until(role: Role, path: string, good: (told: Told) => boolean): Promise<Told> {
    for (const token = await this.token(role, 'crash-reader'); !this.office.closed.aborted; await sleep(100)) {
      const told = await this.send('GET', path, { authorization: `Bearer ${token}` });
      if (told && good(told)) return told;
    }
    throw new CaseEnded();
  }

  read(role: Role, path: string): Promise<Told> {
    return this.until(role, path, ({ status }) => status === 200);
  }

  private async insist(command: Command, send: () => Promise<Told | undefined>): Promise<Told> {
    for (let pause = 100; !this.office.closed.aborted; pause = Math.min(pause * 2, 1_000)) {
      command.attempts += 1;
      const told = await send();
      if (told && told.status < 300) {
        this.office.journal.settle(command, 'acknowledged');
        command.entry = told.headers.get('opora-plan-entry') ?? undefined;
        return this.whole(told, command);
      }
      if (told && told.status < 500 && !passing.has(told.body?.code)) {
        command.refusal = String(told.body?.code ?? told.status);
        this.office.journal.settle(command, 'refused');
        throw new CaseEnded(command.refusal);
      }
      // Some clients never learn what became of it.
      if (this.random.chance(0.04)) throw new CaseEnded();
      await sleep(pause);
    }
    throw new CaseEnded();
  }

  /** A repeated command is answered with the first one's headers; the body is read anew, and that may fail just now. */
  private async whole(told: Told, command: Command): Promise<Told> {
    if (told.body !== undefined) return told;
    const location = told.headers.get('location') ?? told.headers.get('content-location');
    if (!location) throw new Error(`${command.step} was answered with neither a body nor a place`);
    const role = command.service === 'legal-aid' ? 'lawyer' : 'counsellor';
    return { ...told, body: (await this.read(role, location)).body };
  }

  private async repeat(command: Command, first: Told, send: () => Promise<Told | undefined>): Promise<void> {
    for (; !this.office.closed.aborted; await sleep(300)) {
      command.repeats += 1;
      const again = await send();
      if (!again || again.status >= 500 || passing.has(again.body?.code)) continue;
      const names = ['etag', 'location', 'content-location', 'opora-plan-entry'];
      command.differences.push(...names.filter((name) => again.headers.get(name) !== first.headers.get(name)), ...(again.status === first.status ? [] : [`status ${again.status}`]));
      return;
    }
  }

  private token(role: Role, sub: string): Promise<string> {
    const client = { agency: 'centre', roles: ['client'], opora_client: this.clientId! };
    return this.office.mint({ sub, ...(role === 'client' ? client : roles[role]) });
  }

  /** Undefined when there was no answer. */
  private async send(method: string, path: string, headers: Record<string, string>, body?: string): Promise<Told | undefined> {
    try {
      const response = await fetch(this.office.gateway + path, { method, headers, ...(body !== undefined && { body }), signal: AbortSignal.timeout(TIMEOUT_MS) });
      const text = await response.text();
      return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
    } catch {
      return undefined;
    }
  }
}
