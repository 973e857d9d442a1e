import { erasableTopics } from '@opora/contracts';
import { Clock, isTransient } from '@opora/messaging';
import { KafkaBroker } from '@opora/messaging/kafka';
import { Type } from 'typebox';
import { bootService } from './boot.js';
import { ConfigurationError, readConfiguration } from './configuration.js';
import type { RunningService, ServiceDefinition } from './definition.js';
import { describe, Log } from './log.js';
import { kafkaAccess, ServiceVariables, settingsOf } from './service-variables.js';
import { startTracing } from './tracing.js';
import { WaitingRoom } from './waiting-room.js';

/** Whatever hangs after that is ended with the process; what was committed is safe, what was not is done again. */
const CLOSE_MS = 9_500;

/** Of log lines: writing to a pipe holds the process up each time. */
const GATHER_MS = 20;

const toStandardOutput = () => {
  let lines = '';
  const flush = (): void => {
    if (lines) process.stdout.write(lines);
    lines = '';
  };
  process.on('exit', flush);
  return (line: string): void => {
    if (!lines) setTimeout(flush, GATHER_MS).unref();
    lines += `${line}\n`;
  };
};

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** One service as a process of its own: configured by its environment, facts over Kafka, one JSON object per log line on the standard output. */
export const runService = async (service: ServiceDefinition): Promise<void> => {
  const config = configured(service);
  const log = new Log(toStandardOutput(), config.LOG_LEVEL).of({ service: service.name });
  const stopTracing = await startTracing(service.name, process.env);
  const broker = new KafkaBroker({ ...kafkaAccess(config), clientId: service.name, erasableTopics, report: (what, code) => log.say('warn', what, { code }) });
  const stopping = new AbortController();
  let running: RunningService | undefined;

  const stop = async (): Promise<void> => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    log.say('info', 'stopping');
    setTimeout(() => process.exit(1), CLOSE_MS).unref();
    await running?.close();
    await broker.close();
    await stopTracing();
    process.exit(0);
  };
  process.on('SIGTERM', () => void stop());
  process.on('SIGINT', () => void stop());
  // Node's own words about the error would quote its message, and with it data.
  process.on('uncaughtException', (error) => {
    log.say('error', 'crashed', describe(error));
    process.exit(1);
  });

  const settings = settingsOf(config, process.env);
  const room = new WaitingRoom(settings.host, settings.port);
  while (!stopping.signal.aborted) {
    await room.open();
    try {
      running = await bootService(service, settings, { broker, clock: new Clock(), log, room });
      break;
    } catch (error) {
      if (!isTransient(error)) throw error;
      room.reason = 'database';
      log.say('warn', 'waiting for the database', describe(error));
      await sleep(1_000);
    }
  }
  if (stopping.signal.aborted) await running?.close();
};

/** All of the service's variables are checked before anything is opened. */
const configured = (service: ServiceDefinition) => {
  try {
    const config = readConfiguration(Type.Object({ ...ServiceVariables.properties, ...service.variables?.properties }), process.env);
    kafkaAccess(config as never);
    settingsOf(config as never, process.env);
    return readConfiguration(ServiceVariables, process.env);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    process.stderr.write(`The configuration of ${service.name} is wrong:\n${error.mistakes.map((mistake) => `  ${mistake}\n`).join('')}`);
    process.exit(1);
  }
};
