/** Each with the code that it spoils and the tests meant to notice. `lint`: the rule that must report it. */
export const faults = [
  {
    name: 'the relay pages by seq > last',
    file: 'libs/messaging/src/relay.ts',
    replace: /where published_at is null order by seq limit \$\{BATCH\}`\);/,
    by: 'where seq > ${(this as any).last ?? 0} order by seq limit ${BATCH}`); (this as any).last = rows.at(-1)?.seq ?? (this as any).last;',
    tests: ['libs/messaging/test/relay'],
  },
  {
    name: 'the inbox is skipped',
    file: 'libs/messaging/src/consumer.ts',
    replace: 'return rows.length > 0;',
    by: 'return rows.length >= 0;',
    tests: ['libs/messaging/test/consumer'],
  },
  {
    name: 'the row lock is dropped',
    file: 'libs/messaging/src/store.ts',
    replace: ' for update`',
    by: '`',
    tests: ['libs/messaging/test/store'],
  },
  {
    name: 'consent is always yes',
    file: 'libs/access/src/may-share.ts',
    replace: '?? false;',
    by: '|| true;',
    tests: ['libs/access/src/may-share'],
  },
  {
    name: 'the read rule lets everything through',
    file: 'libs/access/src/may-read.ts',
    replace: 'boolean => {',
    by: 'boolean => {\n  if (actor) return true;',
    tests: ['libs/access/src/may-read'],
  },
  {
    name: 'a role is granted another schema',
    file: 'libs/postgres/src/provision.ts',
    replace: /$/,
    by: '',
    tests: ['libs/postgres/test/provision'],
  },
  {
    name: 'the domain imports Nest',
    file: 'apps/legal-aid/src/domain/matter.ts',
    replace: /^/,
    by: "import { Injectable } from '@nestjs/common';\nexport const planted = Injectable;\n",
    lint: '@typescript-eslint/no-restricted-imports',
  },
  {
    name: 'one app imports another',
    file: 'apps/counselling/src/reactions.ts',
    replace: /^/,
    by: "import { LegalAid } from '@opora/legal-aid';\nexport const planted = LegalAid;\n",
    lint: '@nx/enforce-module-boundaries',
  },
];
