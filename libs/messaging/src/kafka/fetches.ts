/** A fetch that found nothing waits that long at the server; one that came back sooner with nothing was none. */
export const MAX_WAIT_MS = 500;

interface Fetch { readonly startedAt: number; duration: number; batches: number; short: boolean }

/** Tells from a consumer's fetches, one server each, when it last had nothing left to fetch. */
export class Fetches {
  /** When a server last answered, or a batch was worked on. */
  private aliveAt = performance.now();
  caughtUpAt = -Infinity;
  private readonly current = new Map<string, Fetch>();
  private readonly short = new Map<string, number>();

  silentMs(): number {
    return performance.now() - this.aliveAt;
  }

  started(node: string): void {
    const last = this.current.get(node);
    if (last?.short && (last.batches > 0 || last.duration >= MAX_WAIT_MS * 0.8)) {
      this.short.set(node, last.startedAt);
      if ([...this.current.keys()].every((one) => this.short.has(one))) this.caughtUpAt = Math.max(this.caughtUpAt, Math.min(...this.short.values()));
    }
    this.current.set(node, { startedAt: performance.now(), duration: 0, batches: 0, short: true });
  }

  answered(node: string, duration: number): void {
    this.aliveAt = performance.now();
    const fetch = this.current.get(node);
    if (fetch) fetch.duration = duration;
  }

  /** `more`: the partition holds more than was fetched and worked off. Which server it came from is not told. */
  worked(more: boolean): void {
    this.aliveAt = performance.now();
    for (const fetch of this.current.values()) {
      fetch.batches += 1;
      fetch.short &&= !more;
    }
  }

  /** Servers and partitions are others now. */
  rejoined(): void {
    this.aliveAt = performance.now();
    this.current.clear();
    this.short.clear();
  }
}
