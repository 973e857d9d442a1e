import kafkajs from 'kafkajs';
import { accessOf } from './access.js';

const shown = ({ operation, resourceType, resourceName, resourcePatternType }: ReturnType<typeof accessOf>[number]): string => {
  const name = (names: object, value: number) => Object.entries(names).find(([, one]) => one === value)![0];
  return [name(kafkajs.AclOperationTypes, operation), name(kafkajs.AclResourceTypes, resourceType), name(kafkajs.ResourcePatternTypes, resourcePatternType), resourceName].join(' ');
};

describe('A service’s rights', () => {
  const rights = accessOf({ service: 'legal-aid', reads: ['referrals', 'consents'], writes: ['referrals', 'plans'] });

  it('are to read what it hears, to write what it says, marks of erased keys, and its own groups', () => {
    expect(rights.map(shown)).toEqual([
      'READ TOPIC LITERAL consents', 'READ TOPIC LITERAL opora.erased.v1', 'READ TOPIC LITERAL referrals',
      'WRITE TOPIC LITERAL opora.erased.v1', 'WRITE TOPIC LITERAL plans', 'WRITE TOPIC LITERAL referrals',
      'READ GROUP LITERAL legal-aid', 'READ GROUP PREFIXED legal-aid.',
    ]);
  });

  it('are its login’s, from anywhere', () => {
    expect(new Set(rights.map(({ principal, host, permissionType }) => `${principal} ${host} ${permissionType}`))).toEqual(new Set([`User:legal-aid * ${kafkajs.AclPermissionTypes.ALLOW}`]));
  });
});
