import { Injectable } from '@nestjs/common';
import type { Manifest } from '@opora/contracts';
import { readJson } from './asking.js';

const TIMEOUT_MS = 1500;
/** Who could not be asked is not asked at every request. */
const AGAIN_MS = 60_000;
const MOST_PATHS = 1000;

interface Described { readonly revision: number; until: number; paths: Promise<readonly string[]> }

/** The paths that modules describe in `/openapi.json`, asked for once for each announcement. */
@Injectable()
export class DescribedPaths {
  private readonly byModule = new Map<string, Described>();

  of(manifest: Manifest): Promise<readonly string[]> {
    const { module, revision } = manifest;
    const known = this.byModule.get(module);
    if (known?.revision === revision && performance.now() < known.until) return known.paths;
    const described: Described = { revision, until: Infinity, paths: Promise.resolve([]) };
    if (manifest.serves.includes('openapi')) described.paths = ask(manifest).catch(() => {
      described.until = performance.now() + AGAIN_MS;
      return [];
    });
    this.byModule.set(module, described);
    return described.paths;
  }
}

const ask = async ({ module, baseUrl }: Manifest): Promise<readonly string[]> => {
  const document = await readJson(`${baseUrl}/openapi.json`, TIMEOUT_MS) as { paths?: object } | null;
  return Object.keys(document?.paths ?? {}).filter((path) => path.startsWith(`/v1/${module}/`)).slice(0, MOST_PATHS);
};
