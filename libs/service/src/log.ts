import { trace } from '@opentelemetry/api';
import { contractOf } from '@opora/contracts';
import { UnfitFact } from '@opora/messaging';

/** The only fields that ever reach a log line. Nothing here can hold a name, a contact, a text or a URL with data in it. */
const allowed = ['service', 'module', 'requestId', 'traceId', 'method', 'route', 'status', 'ms', 'code', 'topic', 'type', 'eventId', 'count', 'port', 'error', 'pointers', 'checkpoint', 'at'] as const;

export type LogFields = Partial<Record<(typeof allowed)[number], string | number | undefined>>;

export type Level = 'debug' | 'info' | 'warn' | 'error';

const levels: readonly Level[] = ['debug', 'info', 'warn', 'error'];

/** One JSON object per line. `event` is a fixed text of the source code. */
export class Log {
  constructor(private readonly write: (line: string) => void, private readonly level: Level = 'info', private readonly fixed: LogFields = {}) {}

  of(fields: LogFields): Log {
    return new Log(this.write, this.level, { ...this.fixed, ...fields });
  }

  say(level: Level, event: string, fields: LogFields = {}): void {
    if (levels.indexOf(level) < levels.indexOf(this.level)) return;
    const all: LogFields = { ...this.fixed, traceId: trace.getActiveSpan()?.spanContext().traceId, ...fields };
    const shown = Object.fromEntries(allowed.filter((name) => all[name] !== undefined).map((name) => [name, all[name]]));
    this.write(JSON.stringify({ time: new Date().toISOString(), level, event, ...shown }));
  }
}

/** Of a fact, only what cannot be somebody's name: whoever says it chooses its headers. */
export const nameable = ({ ce_type: type, ce_id: eventId = '' }: Readonly<Record<string, string>>): LogFields => ({
  ...(type !== undefined && contractOf(type) && { type }), ...(/^[0-9a-f-]{36}$/.test(eventId) && { eventId }),
});

/** An error as a log may show it: kind and code, never the message, which may quote data. With its stack's places for those who mend it. */
export const describe = (error: unknown): LogFields => {
  if (!(error instanceof Error)) return { error: typeof error };
  const places = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)).slice(0, 6).map((line) => line.trim()).join(' | ');
  const { code } = error as { code?: unknown };
  const pointers = error instanceof UnfitFact ? error.errors.map(({ pointer }) => pointer).join(' ') : '';
  return { error: error.name, at: places, ...(typeof code === 'string' && { code }), ...(pointers && { pointers }) };
};
