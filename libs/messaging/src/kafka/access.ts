import kafkajs, { type AclEntry, type Admin } from 'kafkajs';
import { codeOf } from './client.js';
import { erasedTopic } from './erasures.js';

/** What one service is to be allowed. */
export interface ServiceAccess {
  /** Its name is also its login's and its group's; further groups of its own are called `<service>.…`. */
  readonly service: string;
  /** Names of the topics that it hears. */
  readonly reads: readonly string[];
  /** Names of the topics that it writes to. */
  readonly writes: readonly string[];
}

const { AclOperationTypes: Operation, AclPermissionTypes: Permission, AclResourceTypes: Resource, ResourcePatternTypes: Pattern } = kafkajs;

const principalOf = (service: string): string => `User:${service}`;

/**
 * The rights that the adapter needs, and no others. Reading and writing imply describing; who may write to any topic may
 * number its records (KIP-679). Marks of erased keys are read and made by everybody who hears or says what can be erased.
 */
export const accessOf = ({ service, reads, writes }: ServiceAccess): AclEntry[] => {
  const allow = (operation: number, resourceType: number, resourceName: string, resourcePatternType: number = Pattern.LITERAL): AclEntry =>
    ({ principal: principalOf(service), host: '*', permissionType: Permission.ALLOW, operation, resourceType, resourceName, resourcePatternType });
  const topics = (names: readonly string[]): string[] => [...new Set([...names, erasedTopic.name])].sort();
  return [
    ...topics(reads).map((name) => allow(Operation.READ, Resource.TOPIC, name)),
    ...topics(writes).map((name) => allow(Operation.WRITE, Resource.TOPIC, name)),
    allow(Operation.READ, Resource.GROUP, service),
    allow(Operation.READ, Resource.GROUP, `${service}.`, Pattern.PREFIXED),
  ];
};

const idOf = ({ host, operation, resourceType, resourceName, resourcePatternType }: AclEntry): string =>
  JSON.stringify([host, operation, resourceType, resourceName, resourcePatternType]);

/** What the service's login is allowed now. Prohibitions are somebody's own decision and not looked at. */
const granted = async (admin: Admin, service: string): Promise<AclEntry[] | 'open'> => {
  const answer = await admin.describeAcls({
    principal: principalOf(service), resourceType: Resource.ANY, resourcePatternType: Pattern.ANY, operation: Operation.ANY, permissionType: Permission.ALLOW,
  }).catch((error: unknown) => {
    if (codeOf(error) === 'SECURITY_DISABLED') return 'open' as const;
    throw error;
  });
  return answer === 'open' ? answer : answer.resources.flatMap(({ acls, resourceType, resourceName, resourcePatternType }) => acls.map((acl) => ({ ...acl, resourceType, resourceName, resourcePatternType })));
};

/**
 * Allows the service's login (`User:<service>`) what it needs and takes back what it needs no more; new rights first, so
 * that it can do its work all the while. Answers how many rights were new, and how many went; `open` where the server
 * keeps no rights at all, and everybody may do everything. Needs an administrator.
 */
export const grantAccess = async (admin: Admin, access: ServiceAccess): Promise<{ added: number; removed: number } | 'open'> => {
  const wanted = accessOf(access);
  const there = await granted(admin, access.service);
  if (there === 'open') return 'open';
  const [wantedIds, thereIds] = [wanted, there].map((entries) => new Set(entries.map(idOf)));
  const added = wanted.filter((entry) => !thereIds!.has(idOf(entry)));
  const removed = there.filter((entry) => !wantedIds!.has(idOf(entry)));
  if (added.length > 0) await admin.createAcls({ acl: added });
  if (removed.length > 0) await admin.deleteAcls({ filters: removed });
  return { added: added.length, removed: removed.length };
};
