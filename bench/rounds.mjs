export const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
};

export const percentile = (values, part) => [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) * part)];

/**
 * The sides take turns, one short round after the other, because a machine that others use too is now quick and now slow. `sides`: what runs
 * one round and answers with a number, by name. Answers with all numbers by name; the first turn of each warms up and is left out.
 */
export const takeTurns = async (sides, rounds) => {
  const numbers = Object.fromEntries(Object.keys(sides).map((name) => [name, []]));
  for (let round = 0; round <= rounds; round += 1) {
    const names = Object.keys(sides);
    // Nobody always comes first.
    for (const name of round % 2 ? names : names.reverse()) {
      const number = await sides[name]();
      if (round > 0) numbers[name].push(number);
    }
  }
  return numbers;
};

/** The median of what each round says. */
export const ratio = (ours, others) => median(ours.map((one, i) => one / others[i]));
