import { rm } from 'node:fs/promises';

export default async function teardown() {
  const { postgres, folder } = globalThis.oporaTestPostgres ?? {};
  await postgres?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
}
