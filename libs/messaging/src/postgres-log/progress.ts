/** What the progress needs to know of a record. Sequence numbers stay below 2^53. */
export interface Place { readonly topic: string; readonly key: string; readonly seq: string }

/** Records of one key that wait, in order, until a moment of `performance.now`. */
interface Held { readonly topic: string; readonly seqs: number[]; until: number }

/**
 * How far a member has come in each topic: what it fetched, less what it holds back because its key is paused. Lives as
 * long as the connection that holds the group's lock; whoever takes over starts from the committed cursor.
 */
export class Progress {
  private readonly fetched: Map<string, number>;
  private readonly held = new Map<string, Held>();

  constructor(private readonly committed: Map<string, number>) {
    this.fetched = new Map(committed);
  }

  get topics(): string[] {
    return [...this.fetched.keys()];
  }

  get positions(): number[] {
    return [...this.fetched.values()];
  }

  get heldCount(): number {
    return [...this.held.values()].reduce((sum, { seqs }) => sum + seqs.length, 0);
  }

  get nextDue(): number {
    return Math.min(Infinity, ...[...this.held.values()].map(({ until }) => until));
  }

  advance({ topic, seq }: Place): void {
    this.fetched.set(topic, Number(seq));
  }

  isHeld(place: Place): boolean {
    return this.held.has(idOf(place));
  }

  /** Behind earlier ones of the same key it waits as long as they do. */
  hold(place: Place, until: number): void {
    const before = this.held.get(idOf(place));
    if (before) before.seqs.push(Number(place.seq));
    else this.held.set(idOf(place), { topic: place.topic, seqs: [Number(place.seq)], until });
  }

  /** Lets go of every key whose time has come, and answers with its records. */
  release(now: number): number[] {
    const due = [...this.held].filter(([, { until }]) => until <= now);
    for (const [id] of due) this.held.delete(id);
    return due.flatMap(([, { seqs }]) => seqs);
  }

  /** Topics whose cursor can move, and where to: just before the oldest record that is held. */
  movable(): [topic: string, seq: number][] {
    const done = new Map(this.fetched);
    for (const { topic, seqs } of this.held.values()) done.set(topic, Math.min(done.get(topic) ?? 0, seqs[0]! - 1));
    return [...done].filter(([topic, seq]) => seq > (this.committed.get(topic) ?? 0));
  }

  moved(cursors: readonly [topic: string, seq: number][]): void {
    for (const [topic, seq] of cursors) this.committed.set(topic, seq);
  }
}

const idOf = ({ topic, key }: Place): string => JSON.stringify([topic, key]);
