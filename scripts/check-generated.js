/** Checks that what is generated and committed is what a fresh generation gives: Prisma's client and the GraphQL types. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const fresh = mkdtempSync(join(tmpdir(), 'rankloop-generated-'));

/** Every file below a folder, as path → text. */
function filesOf(folder, prefix = '') {
  if (!existsSync(folder)) return new Map();
  return new Map(
    readdirSync(folder).flatMap((name) => {
      const path = join(folder, name);
      return statSync(path).isDirectory() ? [...filesOf(path, `${prefix}${name}/`)] : [[`${prefix}${name}`, readFileSync(path, 'utf8')]];
    }),
  );
}

function run(script, args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, script), ...args], { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${script} ended with code ${status}\n${stdout}${stderr}`);
}

let faults = 0;
try {
  run('scripts/generate-graphql.js', ['--out', fresh]);
  // The client is written beside its schema, so a copy of the schema elsewhere writes a copy of the client.
  const schema = join(fresh, 'prisma/schema.prisma');
  mkdirSync(dirname(schema));
  copyFileSync(join(root, 'prisma/schema.prisma'), schema);
  run('node_modules/prisma/build/index.js', ['generate', '--schema', schema]);

  for (const folder of ['src/generated', 'src/client/generated', 'dashboard/src/generated', 'cli/generated']) {
    const [committed, made] = [filesOf(join(root, folder)), filesOf(join(fresh, folder))];
    for (const path of new Set([...committed.keys(), ...made.keys()])) {
      if (committed.get(path) === made.get(path)) continue;
      faults += 1;
      console.error(`${folder}/${path} is not what \`npm run generate\` gives`);
    }
  }
} finally {
  rmSync(fresh, { recursive: true, force: true });
}
if (faults) process.exit(1);
