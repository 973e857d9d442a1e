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

/** Everything that was commanded. */
export class Journal {
  readonly commands: Command[] = [];

  open(command: Pick<Command, 'person' | 'step' | 'service' | 'makes'>): Command {
    const number = this.commands.length + 1;
    const opened: Command = { ...command, number, sub: `crash-${number}`, firstSentAt: performance.now(), attempts: 0, repeats: 0, outcome: 'open', differences: [] };
    this.commands.push(opened);
    return opened;
  }

  settle(command: Command, outcome: 'acknowledged' | 'refused'): void {
    command.outcome = outcome;
    command.settledAt = performance.now();
  }

  get acknowledged(): Command[] {
    return this.commands.filter(({ outcome }) => outcome === 'acknowledged');
  }
}

/** The longest time in which somebody waited for an answer and nobody got one: how long, milliseconds, and until when. */
export const longestOutage = (commands: readonly Command[]): { ms: number; until: number } => {
  const answered = commands.filter(({ settledAt }) => settledAt !== undefined).sort((a, b) => b.settledAt! - a.settledAt!);
  let [longest, waitingSince] = [{ ms: 0, until: 0 }, Infinity];
  for (const [i, { firstSentAt, settledAt: until }] of answered.entries()) {
    waitingSince = Math.min(waitingSince, firstSentAt);
    const ms = until! - Math.max(waitingSince, answered[i + 1]?.settledAt ?? -Infinity);
    if (ms > longest.ms) longest = { ms, until: until! };
  }
  return longest;
};
