import { Clock } from '@opora/messaging';
import { Temporal } from 'temporal-polyfill';

/** Time stands still until the test moves it. */
export class ManualClock extends Clock {
  constructor(private at = '2026-03-02T09:00:00.000Z') {
    super();
  }

  override now(): string {
    return this.at;
  }

  advance(by: Temporal.DurationLike): string {
    this.at = Temporal.Instant.from(this.at).add(by).toString({ smallestUnit: 'millisecond' });
    return this.at;
  }
}
