/** For a process of the benchmark: answers each message with what the handler of its name answers. */
export const serve = (handlers) => process.on('disconnect', () => process.exit()).on('message', async (message) => {
  const [[name, wanted]] = Object.entries(message);
  try {
    process.send({ answer: (await handlers[name](wanted)) ?? null });
  } catch (error) {
    process.send({ error: String(error?.stack ?? error) });
  }
});
