import { BadRequestException, Module, type Type } from '@nestjs/common';
import { ModuleRef, NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AuditTrail, Policies, policyText, tokenCheck } from '@opora/access';
import type { Fact } from '@opora/domain';
import type { FastifyInstance } from 'fastify';
import { Clock, Consumer, Database, Erasing, Heads, Outbox, Relay, Snapshots, Store, StoreTools, traceHeaders, type AnyStore } from '@opora/messaging';
import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { AccessGuard, requirePermissions } from './access.guard.js';
import { AuditRows } from './audit-rows.js';
import { AnswerInterceptor } from './answer.js';
import { bodyChecks, refuseUnstorable } from './body-checks.js';
import { connectionOptions, harmlessAnswers, limitConnections } from './connections.js';
import { connect, migrate, poolOf } from './database.js';
import { Lag, SETTINGS, type PersonEraser, type Platform, type RunningService, type ServiceDefinition, type ServiceSettings } from './definition.js';
import { Forgetting } from './forgetting.js';
import { Health } from './health.js';
import { IdempotencyInterceptor } from './idempotency.interceptor.js';
import { limitRequests } from './limits.js';
import { describe, Log, nameable } from './log.js';
import { announce, manifestOf } from './manifest.js';
import { measure } from './measure.js';
import { Metrics } from './metrics.js';
import { controllersOf, describeApi } from './openapi.js';
import { ProblemFilter } from './problem.filter.js';
import { Objections, overdueObjections } from './objections.store.js';
import { PersonalRecords } from './personal-records.js';
import { Probe } from './probe.js';
import { followedBy, handlersOf, startTicking, togetherOf, topicsHeard } from './reactions.js';
import { Reading } from './reading.js';
import { keepText, MOST_TEXT_BYTES, takesText, textOf } from './request.js';
import { STATE, type ServiceState } from './service.controller.js';
import { Retention } from './retention/retention.js';
import { readRules } from './retention/rules.js';
import { traceRequests } from './trace-requests.js';
import { Witness } from './witness.js';

/** Brings one service up: schema, application, consumer, relay, port. What it opened it closes, in the opposite order, also when it fails midway. */
export const bootService = async (service: ServiceDefinition, settings: ServiceSettings, platform: Platform): Promise<RunningService> => {
  const opened = new AsyncDisposableStack();
  try {
    return await boot(service, settings, platform, opened);
  } catch (error) {
    await opened.disposeAsync();
    throw error;
  }
};

const boot = async (service: ServiceDefinition, settings: ServiceSettings, platform: Platform, opened: AsyncDisposableStack): Promise<RunningService> => {
  const { broker, clock } = platform;
  const log = platform.log.of({ service: service.name });
  const policies = new Policies(service.name, service.policies ?? policyText(service.name));
  requirePermissions(service.controllers, policies);
  if (platform.room) platform.room.reason = 'migrations';
  await migrate(service, settings.ownerDatabaseUrl);
  if (platform.room) platform.room.reason = undefined;

  const trail = await AuditTrail.open({
    service: service.name, databaseUrl: settings.databaseUrl, key: settings.auditKey, report: (what, more) => log.say(what === 'audit checkpoint' ? 'info' : 'error', what, more),
  });
  opened.defer(() => trail.close());
  const witness = new Witness(policies, trail, clock);
  const database = new Database(await connect(settings), witness.beforeCommit);
  opened.defer(() => database.dataSource.destroy());
  const relay = new Relay({
    module: service.name, databaseUrl: settings.databaseUrl, broker, witness: () => trail.witness(), ...(settings.watermarkEveryMs && { watermarkEveryMs: settings.watermarkEveryMs }),
    report: (what, code) => log.say(what === 'relay-failed' ? 'warn' : 'info', what, { code }),
  });
  const outbox = new Outbox(database, service.name, relay.wake);
  const snapshots = new Snapshots(database, outbox);
  const heads = new Heads(database);
  const says = new Map((service.says ?? []).map((contract) => [contract.type, contract]));
  const lag = new Lag();
  const probe = new Probe(settings.databaseUrl);
  opened.defer(() => probe.close());
  const health = new Health(probe, () => lag.behindMs());
  const metrics = new Metrics(service.name, { probe, health, relay, trail, pool: poolOf(database), behindMs: () => lag.behindMs(), clock, gauges: [overdueObjections, ...(service.gauges ?? [])] });
  const guard = new AccessGuard(policies, tokenCheck(settings.tokens), witness, heads);
  const state: ServiceState = { snapshots, health, metrics, consumer: undefined, retention: undefined, openapi: () => undefined };

  @Module({
    controllers: controllersOf(service),
    providers: [
      { provide: SETTINGS, useValue: settings }, { provide: STATE, useValue: state }, { provide: Clock, useValue: clock }, { provide: Log, useValue: log },
      { provide: Database, useValue: database }, { provide: Heads, useValue: heads }, { provide: Snapshots, useValue: snapshots }, { provide: Lag, useValue: lag },
      { provide: AuditTrail, useValue: trail }, { provide: AuditRows, useValue: new AuditRows(database) },
      { provide: StoreTools, useValue: new StoreTools(service.name, says, database, outbox, snapshots, clock) },
      { provide: Reading, useValue: new Reading(policies, heads, clock) }, { provide: AccessGuard, useValue: guard }, { provide: Witness, useValue: witness },
      { provide: Objections, useFactory: (tools: StoreTools) => new Objections(tools), inject: [StoreTools] },
      {
        provide: PersonalRecords, inject: [Objections, ...(service.stores ?? [])],
        useFactory: (...stores: object[]) => new PersonalRecords(service.name, database, new AuditRows(database), stores.filter((store) => store instanceof Store)),
      },
      ...(service.stores ?? []), ...(service.reactions ?? []), ...(service.providers ?? []),
    ],
  })
  class ServiceModule {}

  const { limits = {} } = settings;
  const adapter = new FastifyAdapter(connectionOptions(limits));
  const app = await NestFactory.create<NestFastifyApplication>(ServiceModule, adapter, { logger: false, abortOnError: false, bodyParser: false });
  opened.defer(() => app.close());
  const fastify = adapter.getInstance() as unknown as FastifyInstance;
  limitConnections(fastify, limits);
  harmlessAnswers(fastify);
  fastify.removeContentTypeParser('text/plain');
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.removeContentTypeParser('application/json');
  fastify.addContentTypeParser<Buffer>(['application/json', 'application/fhir+json'], { parseAs: 'buffer' }, (request, bytes, done) => {
    const text = textOf(bytes);
    if (text === undefined) return done(new BadRequestException());
    keepText(request, text);
    if (takesText(request)) done(null, text);
    else void parse(request, text, done);
  });
  fastify.addHook('onRoute', (route) => {
    if (takesText({ routeOptions: route })) route.bodyLimit = MOST_TEXT_BYTES;
  });
  refuseUnstorable(fastify);
  fastify.addHook('onSend', (_request, reply, _body, done) => {
    if (health.phase === 'stopping') reply.header('connection', 'close');
    done();
  });
  traceRequests(fastify, service.name);
  measure(fastify, metrics, log);
  const subjectLimit = await limitRequests(fastify, limits);
  app.useGlobalGuards(guard, subjectLimit);
  app.useGlobalPipes(bodyChecks());
  app.useGlobalFilters(new ProblemFilter(log));
  app.useGlobalInterceptors(witness, new AnswerInterceptor(), new IdempotencyInterceptor(database, async (location, request) => {
    const { authorization, 'accept-language': language, 'opora-purpose': purpose } = request.headers;
    const again = await fastify.inject({ method: 'GET', url: location, headers: { authorization: authorization!, ...traceHeaders(), ...(language && { 'accept-language': language }), ...(purpose && { 'opora-purpose': purpose }) } });
    return again.statusCode === 200 ? again.json() as unknown : undefined;
  }));
  await service.routes?.(fastify, (type) => app.get(type, { strict: false }));
  await app.init();
  let described: object | undefined;
  state.openapi = () => described ??= describeApi(app, service, policies);

  const instance = (type: Type): object => app.get(ModuleRef).get(type, { strict: false });
  const stores = [Objections, ...(service.stores ?? [])].map((type) => instance(type) as AnyStore);
  const { erasesPersons } = service;
  const { rules, tables } = readRules(service, stores);
  const erasing = new Erasing(database, outbox, stores, clock);
  const retention = state.retention = new Retention(rules, stores, database, erasing, clock, tables, erasesPersons && ((clientId, act) => (instance(erasesPersons) as PersonEraser).erasePerson(clientId, act)));
  const handlers = handlersOf(service.reactions ?? [], instance, followedBy(service), heads, new Forgetting(service.name, settings.agency, rules, erasing, database, outbox, clock));
  const together = togetherOf(service.reactions ?? [], instance, followedBy(service), heads);
  const consumer = state.consumer = new Consumer({ module: service.name, database, handlers, together, handled: metrics.handled, report: (what, { topic, headers }, code) =>
    log.say('warn', `fact ${what}`, { topic, code, ...nameable(headers) }) });
  const epoch = await service.epoch?.((sql) => database.query(sql));
  const subscription = await broker.subscribe({
    group: epoch ? `${service.name}.${epoch}` : service.name, topics: topicsHeard(handlers.keys()), deliver: consumer.deliver,
    // Whoever can be rebuilt has reactions that bear it: they go by versions, and say nothing.
    deliverTogether: epoch ? consumer.deliverTogether : undefined,
  });
  opened.defer(() => subscription.close());
  lag.behindMs = () => subscription.behindMs();

  await platform.room?.close();
  await app.listen(settings.port, settings.host);
  const { port } = fastify.server.address() as { port: number };
  const url = settings.baseUrl ?? `http://${settings.host}:${port}`;
  const manifest = manifestOf(service, settings, url, handlers.keys());
  relay.start(() => announce(manifest, settings.agency, database, snapshots, clock));
  opened.defer(() => relay.stop());
  opened.defer(startTicking([...(service.reactions ?? []), Retention], (type) => (type === Retention ? retention : instance(type)), log));
  const refreshing = refresh(stores, log);
  opened.defer(() => refreshing);
  health.phase = 'up';
  log.say('info', 'service up', { port });

  return {
    name: service.name,
    url,
    close: async () => {
      if (opened.disposed) return;
      health.phase = 'stopping';
      if (settings.drainMs) {
        await sleep(settings.drainMs);
        await deserted(fastify.server);
      }
      await opened.disposeAsync();
      log.say('info', 'service down');
    },
  };
};

/** How long callers may hold on to connections that they were asked to close. */
const PARTING_MS = 2_000;

/** Who closes a connection first loses nothing: a request that is on its way over it while we close it would be lost. */
const deserted = async (server: Server): Promise<void> => {
  for (const until = performance.now() + PARTING_MS; performance.now() < until; await sleep(20)) {
    if (await new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count))) === 0) return;
  }
};

const refresh = async (stores: readonly Pick<Store<object, Fact>, 'refresh'>[], log: Log): Promise<void> => {
  try {
    for (const store of stores) await store.refresh();
  } catch (error) {
    log.say('warn', 'refresh failed', describe(error));
  }
};
