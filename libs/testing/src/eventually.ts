/** Asks again until the answer is good; fails with the last complaint. For effects that arrive over the broker. */
export const eventually = async <T>(ask: () => Promise<T>, good: (answer: T) => boolean, withinMs = 8000): Promise<T> => {
  const until = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (good(answer)) return answer;
    if (performance.now() > until) throw new Error(`Still not so after ${withinMs} ms: ${JSON.stringify(answer)?.slice(0, 2000)}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
};
