// Reads what `npm sbom --sbom-format cyclonedx` says of an installation, writes the same without what has been taken out of it since.
import { existsSync, readFileSync } from 'node:fs';

const bill = JSON.parse(readFileSync(0, 'utf8'));
const there = ({ properties = [] }) => properties.every(({ name, value }) => name !== 'cdx:npm:package:path' || existsSync(value));
bill.components = bill.components.filter(there);
const known = new Set([bill.metadata.component['bom-ref'], ...bill.components.map((one) => one['bom-ref'])]);
bill.dependencies = bill.dependencies.filter(({ ref }) => known.has(ref)).map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((one) => known.has(one)) }));
console.log(JSON.stringify(bill, null, 1));
