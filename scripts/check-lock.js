/** Checks package-lock.json: every optional dependency it names has an entry (npm drops some silently, and `npm ci` then fails), versions are pinned, no registry host is written down. */
import { readFileSync } from 'node:fs';

const read = (name) => JSON.parse(readFileSync(new URL(`../${name}`, import.meta.url), 'utf8'));
const { packages } = read('package-lock.json');
const manifest = read('package.json');
const faults = [];

/** Where node would find `name` from the package at `path`, or undefined. */
function resolve(path, name) {
  for (let from = path; ; from = from.slice(0, Math.max(0, from.lastIndexOf('node_modules/') - 1))) {
    const candidate = `${from ? `${from}/` : ''}node_modules/${name}`;
    if (candidate in packages) return candidate;
    if (from === '') return undefined;
  }
}

for (const [path, entry] of Object.entries(packages)) {
  for (const name of Object.keys(entry.optionalDependencies ?? {})) {
    if (!resolve(path, name)) faults.push(`${path || 'package.json'} ${entry.version} names the optional ${name}, which is no entry of the lock: pin a version whose platform packages are all in the registry`);
  }
  if (entry.resolved) faults.push(`${path} names a host (${entry.resolved}): omit-lockfile-registry-resolved belongs in .npmrc`);
}
for (const kind of ['dependencies', 'optionalDependencies', 'devDependencies']) {
  for (const [name, version] of Object.entries(manifest[kind] ?? {})) {
    if (!/^\d/.test(version)) faults.push(`${name} ${version} in ${kind} is not an exact version`);
    if (packages['']?.[kind]?.[name] !== version) faults.push(`${name}: package.json says ${version}, the lock ${packages['']?.[kind]?.[name]}`);
  }
}
for (const fault of faults) console.error(fault);
if (faults.length) process.exit(1);
