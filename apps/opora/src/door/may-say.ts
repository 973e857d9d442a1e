import { contractOf, erasureRequested, reservedNames, topics, type Contract, type Manifest, type PlanEntry } from '@opora/contracts';
import { DomainError, type Instant } from '@opora/domain';

interface Saying { readonly type: string; readonly key: string; readonly data: Record<string, unknown> | null }

/** Who speaks: the token's own words. `taken` are the names of the services that run here. */
export interface Speaker { readonly module: string; readonly agency: string; readonly taken: ReadonlySet<string> }

const refuse = (pointer: string, code: string, detail: string) =>
  new DomainError('forbidden', 'not-yours-to-say', 'A module speaks only for itself and its agency, on the topics that contracts name', [{ pointer, code, detail }]);

/** The keys under which a module may write to a compacted topic. */
const ownKey: Readonly<Record<string, (module: string, data: Saying['data'], key: string) => boolean>> = {
  [topics.modules.name]: (module, _, key) => key === module,
  [topics.watermarks.name]: (module, _, key) => key === module,
  [topics.planEntries.name]: (module, data, key) => (data === null ? key.startsWith(`${module}/`) : key === `${module}/${String(data['entryId'])}`),
};

/** Refuses what would speak in another module's name; answers with the contract of what it says. */
export const maySay = ({ module, taken }: Speaker, { type, key, data }: Saying, at: number): Contract => {
  const record = `/records/${at}`;
  const contract = contractOf(type);
  const known = Object.values<{ name: string }>(topics).some(({ name }) => name === contract?.topic.name);
  if (taken.has(module) || reservedNames.has(module)) throw refuse(record, 'name-taken', 'cannot be said under the name of a service that runs here');
  if (!contract || !known || contract.topic.name === topics.consents.name || contract.type === erasureRequested.type) throw refuse(`${record}/type`, 'type-not-open', 'is not a type that modules say');
  const { name, compacted } = contract.topic;
  if (data === null && !compacted) throw refuse(`${record}/data`, 'data-missing', 'may be null on compacted topics only');
  if (compacted ? !ownKey[name]?.(module, data, key) : data?.['clientId'] !== key) throw refuse(`${record}/key`, 'foreign-key', 'must be the module’s own key, or the clientId on topics of facts');
  if (data !== null && 'module' in data && data['module'] !== module) throw refuse(`${record}/data/module`, 'foreign-module', 'must be the module itself');
  return contract;
};

/** Once the data is known to fit its contract: it may speak for no other agency, claim no post, and know nothing of the future. */
export const mustBeOwn = ({ agency }: Speaker, contract: Contract, data: unknown, now: Instant, at: number): void => {
  const pointer = `/records/${at}/data`;
  const foreign = (owner: string | undefined) => owner !== undefined && owner !== agency;
  const { offers = [], serves = [], me = [], agencies = [] } = data as Partial<Manifest>;
  const { kind, recordedAt = now } = data as Partial<PlanEntry>;
  const { at: reached = now } = data as { at?: Instant };
  if (contract.topic.name !== topics.modules.name && foreign((data as { agency?: string }).agency)) throw refuse(`${pointer}/agency`, 'foreign-agency', 'must be the agency of the token');
  if (offers.some((offer) => foreign(offer.agency))) throw refuse(`${pointer}/offers`, 'foreign-agency', 'must be offers of the agency of the token');
  if (agencies.some((one) => foreign(one.agency))) throw refuse(`${pointer}/agencies`, 'foreign-agency', 'must name the agency of the token alone');
  if (me.includes('consents')) throw refuse(`${pointer}/me`, 'post-taken', 'consents are told by intake alone');
  if (serves.includes('clients:display')) throw refuse(`${pointer}/serves`, 'post-taken', 'names are answered by intake alone');
  if (kind !== undefined && kind !== 'referral' && kind !== 'service') throw refuse(`${pointer}/kind`, 'foreign-kind', 'must be referral or service: needs, goals and plans have owners of their own');
  if (recordedAt > now || reached > now) throw refuse(pointer, 'in-the-future', 'must not be later than now');
};
