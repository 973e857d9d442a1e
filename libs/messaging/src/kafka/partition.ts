interface Held { readonly offsets: number[]; until: number }

/** So many records may wait behind paused keys before nothing new of their partition is taken. */
const MOST_HELD = 5_000;

/**
 * How far a member has come in one partition: what it has seen, less what it holds back because its key is paused. Only
 * offsets are kept; a held record is fetched again when its time comes. Lives as long as the assignment: whoever gets the
 * partition next starts from what is settled.
 */
export class Partition {
  /** The first offset that was never handed or held. */
  private next: number;
  /** Where the next fetch was asked to start. */
  private position: number;
  private committed: number;
  private readonly held = new Map<string, Held>();

  constructor(first: number) {
    this.next = this.position = this.committed = first;
  }

  /** Whether `first` can follow what was asked for. A topic made anew starts over. */
  continues(first: number): boolean {
    return first >= this.position;
  }

  /** Lets go of held records that were asked for and are not there any more: compaction replaced them. */
  forget(fetched: ReadonlySet<number>, last: number): void {
    for (const [key, { offsets }] of this.held) {
      const left = offsets.filter((offset) => offset < this.position || offset > last || fetched.has(offset));
      if (left.length < offsets.length) offsets.splice(0, Infinity, ...left);
      if (left.length === 0) this.held.delete(key);
    }
  }

  /** Whether that record is to be handed now; false when it is done, or waits. `full`: take nothing from here on. */
  meet(offset: number, key: string, now: number): boolean | 'full' {
    const held = this.held.get(key);
    if (offset < this.next) return held !== undefined && held.until <= now && held.offsets[0] === offset;
    if (this.heldCount >= MOST_HELD) return 'full';
    this.next = offset + 1;
    if (!held) return true;
    held.offsets.push(offset);
    return false;
  }

  done(key: string): void {
    const held = this.held.get(key);
    held?.offsets.shift();
    if (held?.offsets.length === 0) this.held.delete(key);
  }

  /** Later ones of the same key wait behind it. */
  hold(offset: number, key: string, until: number): void {
    const held = this.held.get(key);
    if (held) held.until = until;
    else this.held.set(key, { offsets: [offset], until });
  }

  /** Everything up to `last` was seen: what is not there was compacted, or is no record. */
  seen(last: number): void {
    this.next = Math.max(this.next, last + 1);
  }

  /** Where to fetch next: a held record whose time has come, else what is new. */
  proceed(now: number): number {
    const due = [...this.held.values()].filter(({ until }) => until <= now).map(({ offsets }) => offsets[0]!);
    return this.position = Math.min(this.next, ...due);
  }

  get holds(): boolean {
    return this.held.size > 0;
  }

  /** Whether nothing may be fetched before a held record is due. */
  mustWait(now: number): boolean {
    return this.heldCount >= MOST_HELD && [...this.held.values()].every(({ until }) => until > now);
  }

  /** Back to the oldest held record. */
  rewind(): number {
    return this.position = this.settled;
  }

  /** When the next held record is due that is not yet. */
  nextDue(now: number): number {
    return Math.min(Infinity, ...[...this.held.values()].map(({ until }) => until).filter((until) => until > now));
  }

  /** The offset to commit, when it moved: everything before it is done. */
  movable(): number | undefined {
    return this.settled > this.committed ? this.settled : undefined;
  }

  /** Back to what is committed. What is done since is met again, not handed again. */
  uncommitted(): number {
    return this.position = this.committed;
  }

  moved(committed: number): void {
    this.committed = committed;
  }

  private get settled(): number {
    return Math.min(this.next, ...[...this.held.values()].map(({ offsets }) => offsets[0]!));
  }

  private get heldCount(): number {
    return [...this.held.values()].reduce((sum, { offsets }) => sum + offsets.length, 0);
  }
}
