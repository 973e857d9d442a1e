import { once } from 'node:events';
import type { Broker } from '../src/broker.js';

/** What a worker is told; `go` lets the record in hand be done. */
export type Order =
  | { readonly order: 'consume'; readonly group: string; readonly topics: readonly string[] }
  | { readonly order: 'publish'; readonly topic: string; readonly key: string; readonly batch: number }
  | { readonly order: 'go' };

/** What a worker says. `acknowledged`: how many records, numbered from 1, are durable. */
export type Report = { readonly subscribed: true } | { readonly inHand: string } | { readonly acknowledged: number };

// A process of its own, so that the contract suite can kill it. Arguments: a module that exports `connect`, and what to connect to.
const [module, address] = process.argv.slice(2);
const { connect } = await import(module!) as { connect: (address: string) => Broker };
const broker = connect(address!);
const tell = (report: Report) => process.send!(report);
const told = async (): Promise<Order> => ((await once(process, 'message')) as [Order])[0];

process.once('disconnect', () => process.exit());

const order = await told();
if (order.order === 'consume') {
  const deliver = async ({ value }: { value: Buffer | null }) => {
    tell({ inHand: String(value) });
    await told();
    return 'done' as const;
  };
  await broker.subscribe({ group: order.group, topics: order.topics, deliver });
  tell({ subscribed: true });
}
if (order.order === 'publish') {
  const { topic, key, batch } = order;
  for (let from = 1; ; from += batch) {
    await broker.publish(Array.from({ length: batch }, (_, i) => ({ topic, key, headers: {}, value: Buffer.from(String(from + i)) })));
    tell({ acknowledged: from + batch - 1 });
  }
}
