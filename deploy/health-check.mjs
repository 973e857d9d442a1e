// Asks the process in the same container for a path; exits 0 when the answer is good. Its words stand in `docker inspect`.
const { PORT = '3000' } = process.env;
const path = process.argv[2] ?? '/health/ready';
try {
  const response = await fetch(`http://127.0.0.1:${PORT}${path}`, { signal: AbortSignal.timeout(2_500) });
  console.log(response.status, (await response.text()).slice(0, 500));
  process.exitCode = response.ok ? 0 : 1;
} catch (error) {
  console.log(error instanceof Error ? error.cause?.code ?? error.name : error);
  process.exitCode = 1;
}
