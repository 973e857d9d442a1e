export interface Told { readonly status: number; readonly headers: Headers; readonly body: any }

/** A refusal of the demo's own request: something is broken, and this says what. */
export class DemoFailed extends Error {}

/** Somebody who calls the gateway with a token, and says aloud what came back. */
export class Person {
  constructor(private readonly gateway: string, private readonly token: string, private readonly name = '', private readonly say: (line: string) => void = () => undefined) {}

  get(path: string, headers: Record<string, string> = {}): Promise<Told> {
    return this.call('GET', path, undefined, headers);
  }

  post(path: string, body: unknown = {}, headers: Record<string, string> = {}): Promise<Told> {
    return this.call('POST', path, body, headers);
  }

  /** Asks until it is so: for what reaches another module over the event log. */
  async until(path: string, good: (told: Told) => boolean, withinMs = 10_000): Promise<Told> {
    for (const end = performance.now() + withinMs; ;) {
      const told = await this.fetch('GET', path, undefined, {});
      if (good(told)) return this.report('GET', path, told);
      if (performance.now() > end) throw new DemoFailed(`GET ${path} did not come to what was expected: ${told.status} ${JSON.stringify(told.body).slice(0, 300)}`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  private async call(method: string, path: string, body: unknown, headers: Record<string, string>): Promise<Told> {
    const told = await this.fetch(method, path, body, headers);
    this.report(method, path, told);
    if (told.status >= 400) throw new DemoFailed(`${method} ${path} answered ${told.status}: ${JSON.stringify(told.body)}`);
    return told;
  }

  private async fetch(method: string, path: string, body: unknown, headers: Record<string, string>): Promise<Told> {
    const response = await fetch(this.gateway + path, {
      method, headers: { authorization: `Bearer ${this.token}`, ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
  }

  private report(method: string, path: string, told: Told): Told {
    const { id, status, state, code } = (told.body ?? {}) as Record<string, unknown>;
    const short = [id && `id ${String(id)}`, status, state, code, Array.isArray(told.body?.items) && `${told.body.items.length} items`].filter(Boolean).join(', ');
    this.say(`${this.name.padEnd(14)} ${method} ${path}\n${''.padEnd(14)} → ${told.status} ${short}`);
    return told;
  }
}
