const sleepers = new Set<Sleeper>();

/** A publish in this process is read at once here, not at the next poll. */
export const wakeAll = (): void => sleepers.forEach((sleeper) => sleeper.wake());

/** Waits that get longer while nothing happens, 20 → 200 ms, and end early when somebody publishes in this process. */
export class Sleeper {
  private idleMs = 20;
  private woken = false;
  private rouse: () => void = () => undefined;

  constructor() {
    sleepers.add(this);
  }

  /** Remembered when nobody sleeps: the next sleep is skipped. */
  readonly wake = (): void => {
    this.woken = true;
    this.rouse();
  };

  busy(): void {
    this.idleMs = 20;
  }

  /** Sleeps no longer than `atMost` milliseconds. */
  async idle(atMost = Infinity): Promise<void> {
    await this.sleep(Math.max(0, Math.min(this.idleMs, atMost)));
    this.idleMs = Math.min(this.idleMs * 2, 200);
  }

  async sleep(ms: number): Promise<void> {
    if (!this.woken) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.rouse = () => { clearTimeout(timer); resolve(); };
      });
    }
    this.woken = false;
  }

  leave(): void {
    sleepers.delete(this);
  }
}
