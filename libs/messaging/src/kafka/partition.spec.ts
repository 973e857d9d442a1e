import { Partition } from './partition.js';

describe('A partition’s progress', () => {
  /** Handles records as fetched from `from`; answers the offsets handed. `paused` keys are held for `pauseMs`. */
  const read = (partition: Partition, from: number, keys: string, { now = 0, paused = '', pauseMs = 10, last = from + keys.length - 1 } = {}) => {
    const records = [...keys].map((key, n) => ({ key, offset: from + n })).filter(({ key }) => key !== '-');
    partition.forget(new Set(records.map(({ offset }) => offset)), last);
    const handed: number[] = [];
    for (const { key, offset } of records) {
      const ready = partition.meet(offset, key, now);
      if (ready === 'full') return handed;
      if (!ready) continue;
      handed.push(offset);
      if (paused.includes(key)) partition.hold(offset, key, now + pauseMs);
      else partition.done(key);
    }
    partition.seen(last);
    return handed;
  };

  it('moves on with what is done', () => {
    const partition = new Partition(5);
    expect(partition.movable()).toBeUndefined();
    expect(read(partition, 5, 'abc')).toEqual([5, 6, 7]);
    expect(partition.movable()).toBe(8);
    partition.moved(8);
    expect(partition.movable()).toBeUndefined();
    expect(partition.proceed(0)).toBe(8);
  });

  it('moves past what is no record', () => {
    const partition = new Partition(0);
    read(partition, 0, 'ab', { last: 4 });
    expect(partition.movable()).toBe(5);
  });

  it('hands everything but a paused key, and settles only what is before it', () => {
    const partition = new Partition(0);
    expect(read(partition, 0, 'xabaab', { paused: 'a' })).toEqual([0, 1, 2, 5]);
    expect(partition.movable()).toBe(1);
    expect(partition.proceed(9)).toBe(6);
    expect(partition.nextDue(9)).toBe(10);
  });

  it('hands held records again in order, and nothing twice that is done', () => {
    const partition = new Partition(0);
    read(partition, 0, 'abaab', { paused: 'a' });
    expect(partition.proceed(10)).toBe(0);
    expect(read(partition, 0, 'abaabc', { now: 10 })).toEqual([0, 2, 3, 5]);
    expect(partition.movable()).toBe(6);
  });

  it('goes on with what is new once nothing is due, in pieces too', () => {
    const partition = new Partition(0);
    read(partition, 0, 'abcabc', { paused: 'ab' });
    expect(partition.rewind()).toBe(0);
    expect(read(partition, 0, 'ab', { now: 10, paused: 'a' })).toEqual([0, 1]);
    expect(partition.proceed(10)).toBe(4);
    expect(read(partition, 4, 'bc', { now: 10 })).toEqual([4]);
    expect(partition.proceed(10)).toBe(6);
    expect(partition.movable()).toBeUndefined();
    expect(partition.proceed(20)).toBe(0);
  });

  it('lets go of a held record that compaction removed', () => {
    const partition = new Partition(0);
    read(partition, 0, 'aba', { paused: 'a' });
    partition.proceed(10);
    expect(read(partition, 0, '-bac', { now: 10 })).toEqual([2, 3]);
    expect(partition.movable()).toBe(4);
  });

  it('takes nothing new while too many wait', () => {
    const partition = new Partition(0);
    expect(read(partition, 0, 'a'.repeat(5_001), { paused: 'a' })).toEqual([0]);
    expect(partition.mustWait(9)).toBe(true);
    expect(partition.proceed(9)).toBe(5_000);
    expect(partition.mustWait(10)).toBe(false);
    expect(partition.proceed(10)).toBe(0);
    expect(read(partition, 0, 'a'.repeat(5_000), { now: 10 })).toHaveLength(5_000);
    expect(partition.movable()).toBe(5_000);
  });

  it('notices a topic that was made anew', () => {
    const partition = new Partition(0);
    read(partition, 0, 'abc');
    partition.proceed(0);
    expect(partition.continues(3)).toBe(true);
    expect(partition.continues(0)).toBe(false);
  });
});
