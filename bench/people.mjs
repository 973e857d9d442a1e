// People with plans, written straight into a gateway's tables: seven services in seven modules, one plan, and the consent that lets the centre read them.
import pg from 'pg';

export const modules = ['alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta', 'eta'];
/** Who reads. */
export const counsellor = { sub: 'konstantin', agency: 'centre', roles: ['counsellor'] };

const hex = (n) => n.toString(16).padStart(12, '0');
export const personId = (n) => `00000000-0000-7000-8000-${hex(n)}`;

const title = { system: 'urn:opora:bench', code: 'help', en: 'Help with what is needed', ru: 'Помощь в том, что нужно' };
const at = '2026-11-01T09:00:00.000Z';

const entry = (module, agency, kind, actions) => ({
  module, entryId: ':entry', clientId: ':client', agency, version: 1, aggregate: { id: ':entry', version: 1 }, recordedAt: at, kind, phase: 'active', title, dataClass: 'D1',
  because: [], needs: [], actions: actions.map((action) => ({ id: ':entry', title, status: 'planned', ...action })),
});

/** One of each for every person. */
export const templates = [
  { ...entry('planning', 'centre', 'plan', []), reviewOn: '2027-01-15' },
  ...modules.map((module, i) => entry(module, `agency-${module}`, 'service', [{ due: `2026-12-${10 + i}` }, { start: `2026-12-${11 + i}T10:00:00.000Z`, responsible: 'lidia' }])),
];

const consented = { consentId: ':client', status: 'given', dataClasses: ['D1', 'D2'], legalBasis: 'consent', from: '2026-01-01T00:00:00.000Z' };
export const consents = {
  clientId: ':client', version: 1, recordedAt: at, aliases: [], team: ['konstantin'], key: 'A'.repeat(43),
  consents: [{ ...consented, purpose: 'coordination', recipients: ['centre'] }, { ...consented, purpose: 'referral', recipients: modules.map((module) => `agency-${module}`) }],
};

export const manifest = (module, baseUrl) => ({
  module, revision: 1, version: '1.0.0', titles: { en: `The ${module}`, ru: `Модуль ${module}` }, baseUrl, lifecycle: 'active', says: [], hears: [], serves: ['plan-texts'],
  offers: [{ code: 'help', agency: `agency-${module}`, titles: { en: 'Help', ru: 'Помощь' }, needs: ['legal'], availability: 'open', cost: { amount: 0, currency: 'RUB' }, waitingDays: 1, requiredDocuments: [], languages: ['ru'], accessibility: [] }],
});

const person = `('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))`;
const writeEntries = (client, people, template, slot) => {
  const id = `('00000000-0000-7000-9${hex(slot).slice(-3)}-' || lpad(to_hex(n), 12, '0'))`;
  return client.query(
    `insert into gateway.plan_entry (key, version, client_id, module, agency, data_class, kind, recorded_at, body)
     select $1 || '/' || ${id}, 1, ${person}::uuid, $1, $2, $3, $4, $5, replace(replace($6, ':client', ${person}), ':entry', ${id})::jsonb from generate_series(0, $7::int - 1) n`,
    [template.module, template.agency, template.dataClass, template.kind, at, JSON.stringify(template), people]);
};
const writeConsents = (client, people) => client.query(
  `insert into gateway.head (topic, key, version, body) select 'opora.consents.v1', ${person}, 1, replace($1, ':client', ${person})::jsonb from generate_series(0, $2::int - 1) n`,
  [JSON.stringify(consents), people]);

const INDEXES = ['create index plan_entry_client on gateway.plan_entry (client_id, key, version desc)', 'alter table gateway.plan_entry add constraint plan_entry_pkey primary key (key, version)'];

/**
 * Entries are written module by module, so that those of one person lie far from each other, as they come in life. Unlogged: what is only
 * read may be lost in a crash.
 */
export const fill = async (databaseUrl, people, textsUrl) => {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 5, options: '-c maintenance_work_mem=1GB' });
  try {
    await pool.query('alter table gateway.plan_entry set unlogged; alter table gateway.head set unlogged; drop index gateway.plan_entry_client; alter table gateway.plan_entry drop constraint plan_entry_pkey');
    await Promise.all([writeConsents(pool, people), ...templates.map((template, slot) => writeEntries(pool, people, template, slot))]);
    for (const module of ['planning', ...modules]) {
      await pool.query('insert into gateway.module (name, revision, manifest) values ($1, 1, $2)', [module, JSON.stringify(manifest(module, textsUrl))]);
      await pool.query(`insert into gateway.head (topic, key, version, body) values ('opora.watermarks.v1', $1, 1, $2)`, [module, JSON.stringify({ module, at: '2030-01-01T00:00:00.000Z' })]);
    }
    for (const index of INDEXES) await pool.query(index);
    await Promise.all(['plan_entry', 'head'].map((table) => pool.query(`vacuum (analyze) gateway.${table}`)));
    await pool.query('checkpoint');
  } finally {
    await pool.end();
  }
};
