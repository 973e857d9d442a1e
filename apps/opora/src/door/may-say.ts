import { contractOf, topics, type Contract } from '@opora/contracts';
import { DomainError } from '@opora/domain';

interface Saying { readonly type: string; readonly key: string; readonly data: Record<string, unknown> | null }

const refuse = (pointer: string, code: string, detail: string) =>
  new DomainError('forbidden', 'not-yours-to-say', 'A module speaks only for itself, on the topics that contracts name', [{ pointer, code, detail }]);

/** The keys under which a module may write to a compacted topic. */
const ownKey: Readonly<Record<string, (module: string, key: string) => boolean>> = {
  [topics.modules.name]: (module, key) => key === module,
  [topics.watermarks.name]: (module, key) => key === module,
  [topics.planEntries.name]: (module, key) => key.startsWith(`${module}/`),
};

/** Refuses what would speak in another module's name; answers with the contract of what it says. */
export const maySay = (module: string, { type, key, data }: Saying, at: number): Contract => {
  const contract = contractOf(type);
  const known = Object.values<{ name: string }>(topics).some(({ name }) => name === contract?.topic.name);
  if (!contract || !known || contract.topic.name === topics.consents.name) throw refuse(`/records/${at}/type`, 'type-not-open', 'is not a type that modules say');
  const { name, compacted } = contract.topic;
  if (data === null && !compacted) throw refuse(`/records/${at}/data`, 'data-missing', 'may be null on compacted topics only');
  if (compacted && !ownKey[name]?.(module, key)) throw refuse(`/records/${at}/key`, 'foreign-key', 'must be the module’s own key on this topic');
  if (!compacted && data?.['clientId'] !== key) throw refuse(`/records/${at}/key`, 'foreign-key', 'must be the clientId of the data');
  if (data !== null && 'module' in data && data['module'] !== module) throw refuse(`/records/${at}/data/module`, 'foreign-module', 'must be the module itself');
  if (name === topics.planEntries.name && data !== null && key !== `${module}/${String(data['entryId'])}`) throw refuse(`/records/${at}/key`, 'foreign-key', 'must be <module>/<entryId>');
  return contract;
};
