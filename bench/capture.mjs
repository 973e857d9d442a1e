// What SQL one request costs, as the service sends it: so that the raw twin does the same by construction, and goes on doing so.
import { Clock } from '@opora/messaging';
import { bootService, Log } from '@opora/service';
import pg from 'pg';

/** Facts are said to nobody. */
const nobody = { publish: async () => {}, subscribe: async () => ({ behindMs: () => 0, close: async () => {} }), close: async () => {} };

const recorded = [];
let recording = false;
let lastAt = 0;
const query = pg.Client.prototype.query;
pg.Client.prototype.query = function captured(config, values, ...more) {
  const name = this.connectionParameters.application_name ?? '';
  if (!name.startsWith('relay') && name !== 'probe') {
    lastAt = performance.now();
    if (recording) recorded.push({ audit: name.startsWith('audit'), ...(config.name && { name: config.name }), text: config.text ?? config, values: config.values ?? (Array.isArray(values) ? values : []) });
  }
  return query.call(this, config, values, ...more);
};

/** After its start a service still looks through its tables, and every second for what is overdue: between two of these looks nothing but the request asks. */
const quiet = async () => {
  while (performance.now() - lastAt < 500) await new Promise((resolve) => setTimeout(resolve, 50));
};

/**
 * Boots the service on a database of its own, lets `prepare` bring it to where the request can be made, makes it, and answers with its
 * statements in their order and the rows that it added to the audit trail.
 */
export const capture = async (ground, definition, { fill = async () => {}, prepare }) => {
  const database = `captured_${definition.name}`;
  const { ownerUrl, runtimeUrl } = await ground.logins(definition.name, database);
  const service = await bootService(definition, {
    host: '127.0.0.1', port: 0, databaseUrl: runtimeUrl, ownerDatabaseUrl: ownerUrl, agency: 'centre', tokens: ground.tokens, auditKey: ground.auditKey,
  }, { broker: nobody, clock: new Clock(), log: new Log(() => {}, 'error') });
  try {
    await fill(ground.adminOf(database));
    const { url, init } = await prepare(service.url);
    await quiet();
    recorded.length = 0;
    recording = true;
    const answer = await fetch(url, init);
    const text = await answer.text();
    recording = false;
    if (!answer.ok) throw new Error(`The captured request was refused: ${answer.status} ${text}`);
    const audited = recorded.filter(({ audit }) => audit).flatMap(({ values: [entries] }) => entries.map((entry) => JSON.parse(entry)));
    return { statements: recorded.filter(({ audit }) => !audit).map(({ name, text, values }) => ({ ...(name && { name }), text, values })), audited };
  } finally {
    recording = false;
    await service.close();
  }
};
