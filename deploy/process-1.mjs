// Loaded before the program. The kernel ignores a signal to process 1 that nobody handles: until the program handles it
// itself, which is a second of loading later, or if it never does, stopping means ending at once.
process.on('SIGTERM', () => {
  if (process.listenerCount('SIGTERM') === 1) process.exit(143);
});
