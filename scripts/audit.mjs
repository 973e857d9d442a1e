// `npm run audit`: known vulnerabilities and licences of what production installs, and its bill of materials (CycloneDX). Fails on findings that nobody has
// accepted with a reason; a registry that answers no audits is said, and is no finding.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { install, root } from './install.mjs';

/** Advisory → why it does not touch us, and until when that is believed. */
const accepted = {
  // 'GHSA-xxxx-xxxx-xxxx': { reason: '…', until: '2027-01-31' },
};

/** What may be built in without asking: permissive, no duty beyond naming. */
const licences = new Set(['MIT', 'MIT-0', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', '0BSD', 'CC0-1.0', 'PostgreSQL', 'Unlicense']);
const exceptions = {
  fhirpath: 'LICENSE.md: the permissive licence of the US National Library of Medicine, with notice; SNOMED, LOINC and UCUM keep their own terms, and none of their tables is used',
  '@lhncbc/ucum-lhc': 'LICENSE.md: as fhirpath, of which it is a part',
  'emitter-component': 'its LICENSE says MIT; only package.json does not',
};

install({ everything: true });
const npm = (...args) => spawnSync('npm', args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, shell: process.platform === 'win32' });
let findings = 0;
const found = (line) => { findings += 1; console.log(`✗ ${line}`); };

const bill = JSON.parse(npm('sbom', '--sbom-format', 'cyclonedx', '--omit=dev').stdout);
const packages = bill.components.filter(({ properties = [] }) => !properties.some(({ name, value }) => name === 'cdx:npm:package:private' && value === 'true'));
// Node itself, as the package `node` installs it for this machine; images have their own.
const broken = packages.filter(({ name, purl, hashes }) => !/^node-(linux|darwin|win)/.test(name) && (!/^pkg:npm\//.test(purl ?? '') || !hashes?.length));
if (bill.bomFormat !== 'CycloneDX' || packages.length < 50) found('the bill of materials is not whole');
for (const { name } of broken) found(`${name} has no address or hash in the bill of materials`);
console.log(`✓ bill of materials: CycloneDX ${bill.specVersion}, ${packages.length} packages`);

/** `A OR B` is good if one is, `A AND B` if both are. */
const allowed = (expression) => expression.replace(/[()]/g, '').split(' OR ').some((one) => one.split(' AND ').every((licence) => licences.has(licence.trim())));
const used = new Map();
for (const { group, name: short, version, licenses = [] } of packages) {
  const name = group ? `${group}/${short}` : short;
  const said = licenses.map(({ license, expression }) => expression ?? license.id ?? license.name).join(' AND ');
  used.set(said, (used.get(said) ?? 0) + 1);
  if (!(said !== '' && allowed(said)) && !(name in exceptions)) found(`licence of ${name} ${version}: ${said || 'none named'}`);
}
for (const name of Object.keys(exceptions)) if (!existsSync(join(root, 'node_modules', name))) found(`${name} is an exception and not installed`);
console.log(`✓ licences: ${[...used].sort((a, b) => b[1] - a[1]).map(([name, count]) => `${name || 'in words'} ${count}`).join(', ')}`);

const { stdout } = npm('audit', '--omit=dev', '--json');
const report = stdout.trim().startsWith('{') ? JSON.parse(stdout) : { message: 'no answer' };
if (!report.vulnerabilities) console.log(`– vulnerabilities: the registry answers no audits here (${String(report.message ?? report.error?.summary ?? 'no answer').split(' - ')[0]}); not checked`);
else {
  const today = new Date().toISOString().slice(0, 10);
  const advisories = new Map(Object.values(report.vulnerabilities).flatMap(({ via }) => via).filter((one) => typeof one === 'object').map((one) => [one.url.split('/').at(-1), one]));
  for (const [id, { name, severity, title }] of advisories) if (!(accepted[id]?.until >= today)) found(`${id} (${severity}) in ${name}: ${title}`);
  console.log(`✓ vulnerabilities: ${advisories.size} known, ${Object.keys(accepted).length} accepted`);
}
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
for (const [path, { resolved, integrity, link }] of Object.entries(lock.packages)) {
  if (path.startsWith('node_modules/') && !link && (!integrity || resolved)) found(`${path} comes from elsewhere, or has no hash`);
}
process.exitCode = findings === 0 ? 0 : 1;
