/** One command of one person's case, however often it was sent. It has a sender of its own: by that its facts are found. */
export interface Command {
  /** In the order in which they were first sent. */
  readonly number: number;
  /** Whose case. */
  readonly person: number;
  readonly step: string;
  readonly service: string;
  /** `sub` of its token; the owner's fact rows say `recorded_by`. */
  readonly sub: string;
  /** Types of the facts that it makes, each as often as it stands here. */
  readonly makes: readonly string[];
  readonly firstSentAt: number;
  attempts: number;
  /** Sent again on purpose after it had been acknowledged. */
  repeats: number;
  outcome: 'open' | 'acknowledged' | 'refused';
  settledAt?: number;
  /** `<module>/<entryId>@<version>` */
  entry?: string;
  clientId?: string;
  /** What a repeated answer said otherwise than the first one. */
  readonly differences: string[];
  refusal?: string;
}

/** Everything that was commanded, and when clients were served. */
export class Journal {
  readonly commands: Command[] = [];
  private lastServedAt = performance.now();
  private worst = 0;

  open(command: Pick<Command, 'person' | 'step' | 'service' | 'makes'>): Command {
    const number = this.commands.length + 1;
    const opened: Command = { ...command, number, sub: `crash-${number}`, firstSentAt: performance.now(), attempts: 0, repeats: 0, outcome: 'open', differences: [] };
    this.commands.push(opened);
    return opened;
  }

  settle(command: Command, outcome: 'acknowledged' | 'refused'): void {
    command.outcome = outcome;
    command.settledAt = performance.now();
    this.worst = this.longestSilenceMs;
    this.lastServedAt = performance.now();
  }

  get acknowledged(): Command[] {
    return this.commands.filter(({ outcome }) => outcome === 'acknowledged');
  }

  /** The longest time in which no command of anybody was answered. */
  get longestSilenceMs(): number {
    return Math.max(this.worst, performance.now() - this.lastServedAt);
  }

  /** The load is over: nobody waits any more. */
  close(): number {
    return this.worst;
  }
}
