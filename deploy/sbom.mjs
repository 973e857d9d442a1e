// Reads what `npm sbom --sbom-format cyclonedx --package-lock-only` says, writes the same without what is not installed here.
import { existsSync, readFileSync } from 'node:fs';

const bill = JSON.parse(readFileSync(0, 'utf8'));
const isOurs = ({ properties = [] }) => properties.some(({ name }) => name === 'cdx:npm:package:private');
const there = (one) => isOurs(one) || existsSync(`node_modules/${one.group ? `${one.group}/` : ''}${one.name}`);
bill.components = bill.components.filter(there);
const known = new Set([bill.metadata.component['bom-ref'], ...bill.components.map((one) => one['bom-ref'])]);
bill.dependencies = bill.dependencies.filter(({ ref }) => known.has(ref)).map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((one) => known.has(one)) }));
console.log(JSON.stringify(bill, null, 1));
