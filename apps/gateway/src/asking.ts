import { Injectable } from '@nestjs/common';
import { SpanKind } from '@opentelemetry/api';
import { ClientsDisplayAnswer, entryKey, PlanTextsAnswer, type ClientDisplay, type Manifest } from '@opora/contracts';
import { inSpan, traceHeaders } from '@opora/messaging';
import { Log } from '@opora/service';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Static, TSchema } from 'typebox';
import { fetch, type RequestInit } from 'undici';
import type { EntryView } from './domain/plan-document.js';
import { ModuleRegistry } from './module-registry.js';
import type { OnBehalf } from './on-behalf.js';
import { openAgent } from './reach.js';
import { Upstreams } from './upstreams.js';

const ajv = new Ajv2020({ strict: false });
(addFormats as unknown as (a: Ajv2020) => void)(ajv);
const isTexts = ajv.compile<PlanTextsAnswer>(PlanTextsAnswer);
const isDisplay = ajv.compile<ClientsDisplayAnswer>(ClientsDisplayAnswer);

const TIMEOUT_MS = 1500;
const MAX_BYTES = 2 * 1024 * 1024;
const TEXTS_AT_ONCE = 200;

/** What a module answers that does not know the question. */
const UNKNOWN: unique symbol = Symbol('unknown');

interface Bounds { readonly timeoutMs: number; readonly maxBytes: number }

export type PersonDisplay = Pick<ClientDisplay, 'shortName' | 'age' | 'contact'>;

/** Reads a module's JSON answer. Throws on anything but a JSON answer of bearable size in time. */
export const readJson = async (url: string, timeoutMs: number, init: RequestInit & { headers?: Readonly<Record<string, string>> } = {}, maxBytes = MAX_BYTES): Promise<unknown> => {
  // A redirect could lead the token to an address that nobody allowed.
  const response = await fetch(url, { ...init, headers: { ...init.headers, ...traceHeaders() }, redirect: 'error', signal: AbortSignal.timeout(timeoutMs), dispatcher: openAgent });
  if (!response.ok) throw Object.assign(new Error('Refused'), { code: `status-${response.status}` });
  return boundedJson(response, maxBytes);
};

const boundedJson = async (response: Response, maxBytes: number): Promise<unknown> => {
  if (!response.body) throw Object.assign(new Error('Refused'), { code: `status-${response.status}` });
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) {
    if ((size += part.length) > maxBytes) throw Object.assign(new Error('Too long'), { code: 'answer-too-long' });
    parts.push(part);
  }
  return JSON.parse(Buffer.concat(parts).toString()) as unknown;
};

/** What the plan does not hold is asked of the modules while the reader waits. Who is down, slow or wrong is left out. */
@Injectable()
export class Asking {
  constructor(private readonly modules: ModuleRegistry, private readonly upstreams: Upstreams, private readonly log: Log) {}

  /** Texts by `<module>/<entryId>`. */
  async texts(entries: readonly EntryView[], onBehalf: OnBehalf): Promise<ReadonlyMap<string, string>> {
    const asked = new Map(entries.map((entry) => [entryKey(entry.module, entry.entryId), entry.version]));
    const answers = await Promise.all((await this.serving('plan-texts')).flatMap((manifest) => {
      const own = entries.filter(({ module }) => module === manifest.module).map(({ entryId, version }) => ({ entryId, version }));
      const batches = Array.from({ length: Math.ceil(own.length / TEXTS_AT_ONCE) }, (_, i) => own.slice(i * TEXTS_AT_ONCE, (i + 1) * TEXTS_AT_ONCE));
      return batches.map(async (batch) => ((await this.ask(manifest, 'plan-texts', { entries: batch }, isTexts, onBehalf))?.texts ?? [])
        .map(({ entryId, version, text }) => ({ key: entryKey(manifest.module, entryId), version, text })));
    }));
    return new Map(answers.flat().filter(({ key, version }) => asked.get(key) === version).map(({ key, text }) => [key, text]));
  }

  /** Name, age and permitted way of contact, from the module that knows them; null when nobody says. */
  async person(clientId: string, onBehalf: OnBehalf): Promise<PersonDisplay | null> {
    const answers = await Promise.all((await this.serving('clients:display')).map((manifest) => this.ask(manifest, 'clients:display', { ids: [clientId] }, isDisplay, onBehalf)));
    const person = answers.flatMap((answer) => answer?.items ?? []).find(({ id }) => id === clientId);
    return person ? { shortName: person.shortName, age: person.age, contact: person.contact } : null;
  }

  /** What each module tells the caller of themselves. `complete`: somebody tells such a thing, and all who do have answered. */
  async ofMe<S extends TSchema>(what: string, schema: S, query: string, onBehalf: OnBehalf): Promise<{ told: { module: string; answer: Static<S> }[]; complete: boolean }> {
    const telling = (await this.modules.present()).filter(({ me = [] }) => me.includes(what));
    const answers = await Promise.all(telling.map(async (manifest) => ({
      module: manifest.module, answer: this.upstreams.mayReach(manifest) ? await this.ask(manifest, `me/${what}${query}`, undefined, ajv.compile<Static<S>>(schema), onBehalf) : undefined,
    })));
    const told = answers.flatMap(({ module, answer }) => (answer === undefined ? [] : [{ module, answer }]));
    return { told, complete: told.length > 0 && told.length === telling.length };
  }

  /** Asks every present module but the gateway itself. Who does not know the question (404) is left out; who does not answer it is named. */
  async everyModule<S extends TSchema>(
    what: string, schema: S, bodyOf: ((module: string) => object | undefined) | undefined, onBehalf: OnBehalf, { timeoutMs = TIMEOUT_MS, maxBytes = MAX_BYTES } = {},
  ): Promise<{ told: { module: string; answer: Static<S> }[]; missing: string[] }> {
    const fits = ajv.compile<Static<S>>(schema);
    const asked = (await this.modules.present()).flatMap((manifest) => {
      if (manifest.module === 'gateway') return [];
      const body = bodyOf?.(manifest.module);
      return bodyOf && body === undefined ? [] : [{ manifest, body }];
    });
    const answers = await Promise.all(asked.map(async ({ manifest, body }) => ({
      module: manifest.module, answer: this.upstreams.mayReach(manifest) ? await this.ask(manifest, what, body, fits, onBehalf, { timeoutMs, maxBytes }) : undefined,
    })));
    return {
      told: answers.flatMap(({ module, answer }) => (answer === undefined || answer === UNKNOWN ? [] : [{ module, answer: answer as Static<S> }])),
      missing: answers.flatMap(({ module, answer }) => (answer === undefined ? [module] : [])),
    };
  }

  /** Hands a command on. The module's own answer, a refusal too; undefined when there is none. */
  async hand({ module, baseUrl }: Manifest, what: string, body: object, headers: Readonly<Record<string, string>>): Promise<{ status: number; body: object; location?: string | undefined } | undefined> {
    try {
      const response = await fetch(`${baseUrl}/v1/${module}/${what}`, {
        method: 'POST', redirect: 'error', signal: AbortSignal.timeout(this.upstreams.timeoutMs), body: JSON.stringify(body), headers: { ...headers, ...traceHeaders(), 'content-type': 'application/json' },
      });
      return { status: response.status, body: await boundedJson(response, MAX_BYTES) as object, location: response.headers.get('location') ?? undefined };
    } catch (error) {
      this.log.say('info', 'module did not answer', { module, code: (error as Error).name });
      return undefined;
    }
  }

  private async serving(contract: Manifest['serves'][number]): Promise<Manifest[]> {
    return (await this.modules.present()).filter((manifest) => manifest.serves.includes(contract) && this.upstreams.mayReach(manifest));
  }

  private async ask<T>(manifest: Manifest, contract: string, body: object | undefined, fits: ValidateFunction<T>, onBehalf: OnBehalf): Promise<T | undefined>;
  private async ask<T>(manifest: Manifest, contract: string, body: object | undefined, fits: ValidateFunction<T>, onBehalf: OnBehalf, bounds: Bounds): Promise<T | typeof UNKNOWN | undefined>;
  private async ask<T>({ module, baseUrl }: Manifest, contract: string, body: object | undefined, fits: ValidateFunction<T>, onBehalf: OnBehalf, bounds?: Bounds): Promise<T | typeof UNKNOWN | undefined> {
    try {
      const answer = await inSpan(`ask ${contract.split('?')[0]}`, { kind: SpanKind.CLIENT, attributes: { 'opora.service': 'gateway', 'opora.asked': module } }, () => readJson(`${baseUrl}/v1/${module}/${contract}`, bounds?.timeoutMs ?? TIMEOUT_MS, {
        ...(body === undefined ? { headers: { ...onBehalf } } : { method: 'POST', headers: { ...onBehalf, 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      }, bounds?.maxBytes));
      if (fits(answer)) return answer;
      this.log.say('warn', 'module answered against the contract', { module, code: contract });
    } catch (error) {
      const { name, code } = error as { name?: string; code?: unknown };
      if (bounds && code === 'status-404') return UNKNOWN;
      this.log.say('info', 'module did not answer', { module, code: typeof code === 'string' ? code : name ?? 'error' });
    }
    return undefined;
  }
}
