import type { Type } from '@nestjs/common';
import { contractOf, contractOfCompacted, consentsChanged, erasureRequested, topics } from '@opora/contracts';
import type { Event, Handler, Heads, HeadTopic } from '@opora/messaging';
import type { ServiceDefinition } from './definition.js';
import { reactionMarks } from './on.js';
import type { Forgetting } from './forgetting.js';
import { describe, type Log } from './log.js';

const headType = (topic: HeadTopic): string => contractOfCompacted(topic)!.type;

/** Consents are always followed: no access decision can do without them. */
export const followedBy = (service: ServiceDefinition): HeadTopic[] => [...new Set<HeadTopic>([topics.consents.name, ...(service.follows ?? [])])];

/** Types of the facts that a service hears, from its table of contents alone. */
export const typesHeard = (service: ServiceDefinition): string[] => {
  const reactedTo = (service.reactions ?? []).flatMap((type) => reactionMarks(type).flatMap(({ contract }) => contract?.type ?? []));
  return [...new Set([...followedBy(service).map(headType), erasureRequested.type, ...reactedTo])].sort();
};

/** What a service hears: one handler per type, from its `@On` methods, from the topics whose newest values it keeps, and erasures. */
export const handlersOf = (
  reactions: readonly Type[], instance: (type: Type) => object, follows: readonly HeadTopic[], heads: Heads, forgetting: Pick<Forgetting, 'requested' | 'gone'>,
): Map<string, Handler> => {
  const handlers = new Map<string, Handler>(follows.map((topic) => [headType(topic), (event) => heads.apply(event)]));
  handlers.set(erasureRequested.type, forgetting.requested);
  const reacting = new Set<string>();
  for (const type of reactions) {
    for (const { method, contract, together } of reactionMarks(type)) {
      if (!contract || together) continue;
      if (reacting.has(contract.type)) throw new Error(`Two handlers for ${contract.type}`);
      reacting.add(contract.type);
      const before = handlers.get(contract.type);
      handlers.set(contract.type, async (event) => {
        await before?.(event);
        await (instance(type) as Record<string, (event: Event) => Promise<void>>)[method]!(event);
      });
    }
  }
  const heard = handlers.get(consentsChanged.type)!;
  handlers.set(consentsChanged.type, async (event) => {
    await heard(event);
    await forgetting.gone(event);
  });
  return handlers;
};

/** What `@OnMany` methods do with many facts of one type, none of them null, after the newest values are kept as for each by itself. */
export const togetherOf = (reactions: readonly Type[], instance: (type: Type) => object, follows: readonly HeadTopic[], heads: Heads): Map<string, (events: readonly Event[]) => Promise<void>> =>
  new Map(reactions.flatMap((type) => reactionMarks(type).filter(({ together }) => together).map(({ method, contract }) => [contract!.type, async (events) => {
    if ((follows as readonly string[]).includes(contract!.topic.name)) await heads.applyTogether(events);
    await (instance(type) as Record<string, (events: readonly Event[]) => Promise<void>>)[method]!(events);
  }])));

export const topicsHeard = (types: Iterable<string>): string[] =>
  [...new Set([...types].map((type) => contractOf(type)!.topic.name))].sort();

/** Starts the `@Every` methods. The answer stops them and waits for the one in hand. */
export const startTicking = (reactions: readonly Type[], instance: (type: Type) => object, log: Log): (() => Promise<void>) => {
  const stops = reactions.flatMap((type) => reactionMarks(type).filter((m) => m.everyMs !== undefined).map(({ method, everyMs }) => {
    let timer: NodeJS.Timeout;
    let stopped = false;
    let running: Promise<void> = Promise.resolve();
    const tick = (): void => {
      running = (instance(type) as Record<string, () => Promise<void>>)[method]!()
        .catch((error: unknown) => log.say('error', 'tick failed', describe(error)))
        .finally(() => { if (!stopped) timer = setTimeout(tick, everyMs); });
    };
    timer = setTimeout(tick, everyMs);
    return async () => { stopped = true; clearTimeout(timer); await running; };
  }));
  return async () => { await Promise.all(stops.map((stop) => stop())); };
};
