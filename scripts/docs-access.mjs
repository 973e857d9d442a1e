// docs/access.md: who may do what, decided by the policies themselves.
import { matrix, Policies, policyText, purposesOfUse, rolesAround, situations } from '@opora/access';

const classesOf = (cells) => {
  const allowed = cells.filter((cell) => cell.allowed).map(({ dataClass }) => dataClass);
  if (cells.length === 0) return '·';
  return allowed.length === 0 ? '–' : allowed.length === 4 ? 'all' : allowed.join(' ');
};

const table = (cells, module) => {
  const names = Object.keys(situations);
  const rows = rolesAround(module).flatMap((role) => purposesOfUse.map((purpose) => [
    role, purpose, ...names.map((situation) => classesOf(cells.filter((cell) => cell.role === role && cell.purpose === purpose && cell.situation === situation))),
  ]));
  return [`| role | comes for | ${names.join(' | ')} |`, `|${' --- |'.repeat(names.length + 2)}`, ...rows.filter(([, , ...of]) => of.some((one) => one !== '–' && one !== '·')).map((row) => `| ${row.join(' | ')} |`)].join('\n');
};

const actionsOf = (policies) => policies.actionNames().sort().map((action) => `| \`${action}\` | ${policies.kindOf(action)} | ${policies.rolesFor(action).join(', ')} |`).join('\n');

/** A record of a module that lets every role look: what is left out here is left out whatever a module permits. */
export const openToAll = (module) => {
  const { schema, policies } = policyText('no service');
  return {
    schema: `${schema}\nnamespace Any { action "record.read" in [Opora::Action::"look"] appliesTo { principal: [Opora::Staff, Opora::Person], resource: [Opora::Record], context: Opora::Circumstances }; }`,
    policies: `${policies}\n@id("${module} lets everybody look") permit (principal, action == Any::Action::"record.read", resource);`,
  };
};

export const accessDocument = (services) => {
  const gateway = new Policies('gateway', policyText('gateway'));
  const any = new Policies('legal-aid', openToAll('legal-aid'));
  const intake = new Policies('intake', policyText('intake'));
  const finding = (action) => matrix(intake, action, 'intake').filter(({ dataClass }) => dataClass === 'D1');
  const sections = services.map((service) => new Policies(service.name, service.policies ?? policyText(service.name))).map((policies) =>
    `### ${policies.module}\n\nPolicy version \`${policies.version}\`.\n\n| action | about | open to |\n| --- | --- | --- |\n${actionsOf(policies)}\n`);
  return ['docs/access.md', `# Who may do what

Written by \`npm run docs\` from the policies under \`deploy/policies\`, by asking them. The rules themselves are there, in words of Cedar:
\`every-service.cedar\` holds everywhere, and each service adds one file. Nothing is permitted unless a policy permits it; one that forbids
outweighs all that permit. What one may not see looks like what does not exist.

Columns of the matrices: how the asker stands to the person's data. *opened*: by break-glass, to this worker, now. *hidden*: the person
is found only by those who care for them. *barred*: the person is protected from the asker, who has everything else in favour. Cells: the
data classes that may be seen (D0 non-personal, D1 personal, D2 special category, D3 privileged); – none; · cannot be. Rows without any
are left out: those roles see nothing for that purpose.

## Plan entries and short names

Data of legal aid, read through the gateway; \`elsewhere\` stands for any other module.

${table(matrix(gateway, 'plan.read', 'legal-aid'), 'legal-aid')}

## Records

What a module keeps: answers, texts, files. Here for a module that lets every role look, so that what is missing is missing everywhere;
which roles a real one lets in stands below.

${table(matrix(any, 'record.read', 'legal-aid'), 'legal-aid')}

## Finding people

Lists and searches in intake (class D1): \`client.list\` and \`client.search\` find the own caseload; to find somebody else of the agency is a right of its
own, \`client.search-outside-caseload\`.

### \`client.list\`, \`client.search\`

${table(finding('client.search'), 'intake')}

### \`client.search-outside-caseload\`

${table(finding('client.search-outside-caseload'), 'intake')}

## Actions

*Record*, *Entry*: about a person, so the matrices hold too. *Desk*: about nobody.

${sections.join('\n')}`];
};
