/**
 * Dependencies point one way: main → app → server → resolvers → services → {database, catalog-index, trainer} → learning.
 * `errors`, `events`, `limits`, `logger` and `config` (its type) may be imported anywhere but in learning/.
 */
const shared = '^src/(errors|events|limits|logger|config)\\.ts$';

/** Files below `from` may not import our own files below any of `to`. */
const forbid = (name, comment, from, to, more = {}) => ({ name, comment, severity: 'error', from: { path: from }, to: { path: to, ...more } });

module.exports = {
  forbidden: [
    {
      name: 'no-circles',
      comment: 'A circle has no order to be read in. (Types alone may refer to each other; generated files are not ours to order.)',
      severity: 'error',
      from: { pathNot: '^(src|src/client|dashboard/src|cli)/generated/' },
      to: { circular: true, viaOnly: { pathNot: '^(src|src/client|dashboard/src|cli)/generated/', dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'learning-is-pure',
      comment: 'learning/ imports nothing of ours',
      severity: 'error',
      from: { path: '^src/learning/' },
      to: { path: '^(src|demo|benchmarks|dashboard|tests)/', pathNot: '^src/learning/' },
    },
    {
      name: 'learning-touches-no-machine',
      comment: 'learning/ computes: no files, network, threads or database',
      severity: 'error',
      from: { path: '^src/learning/' },
      to: { path: '^(node:)?(fs|net|http|https|child_process|worker_threads|os|process|timers)(/|$)|node_modules/(pg|@prisma|fastify|ws|graphql|piscina|pino)/' },
    },
    forbid('shared-files-stand-alone', 'errors, events, limits, logger and config know none of the folders', shared, '^src/[^/]+/', { pathNot: '^src/(learning|generated)/' }),
    {
      name: 'the-thread-knows-only-learning',
      comment: 'A worker thread imports only learning/ and its message protocol',
      severity: 'error',
      from: { path: '^src/trainer/[^/]*(thread|worker)[^/]*\\.ts$' },
      to: { path: '^src/', pathNot: '^src/(learning/|trainer/)' },
    },
    forbid('trainer-is-below-services', 'trainer/ imports learning/ only', '^src/trainer/', '^src/(app|main|server|resolvers|services|database|catalog-index|simulation|generated)[./]'),
    forbid('catalog-index-is-below-services', 'catalog-index/ imports learning/ only', '^src/catalog-index/', '^src/(app|main|server|resolvers|services|database|trainer|simulation|generated)[./]'),
    forbid('database-is-below-services', 'database/ imports learning/ and the generated client only', '^src/database/', '^src/(app|main|server|resolvers|services|catalog-index|trainer|simulation|generated/graphql)[./]'),
    forbid('services-are-below-resolvers', 'services/ hold the rules; they know no transport and no GraphQL types', '^src/services/', '^src/(app|main|server|resolvers|simulation|schema|generated/graphql)[./]'),
    forbid('services-speak-no-graphql', 'services/ know no transport', '^src/services/', 'node_modules/(@apollo|graphql|graphql-ws|fastify|ws)/'),
    forbid('resolvers-are-thin', 'resolvers/ call services: no SQL, no rules', '^src/resolvers/', '^src/(app|main|server|database|catalog-index|trainer|simulation)[./]'),
    forbid('resolvers-only-name-rows', 'resolvers/ and server/ may name the types of rows and figures, not use what makes them', '^src/(resolvers|server)/', '^src/(learning|generated/prisma)/', { dependencyTypesNot: ['type-only'] }),
    forbid('resolvers-touch-no-database', 'no SQL in resolvers/', '^src/resolvers/', 'node_modules/(pg|@prisma)/'),
    forbid('server-is-below-app', 'server/ puts resolvers on the wire', '^src/server/', '^src/(app|main|database|catalog-index|trainer|simulation)[./]'),
    {
      name: 'only-app-knows-every-folder',
      comment: 'main.ts imports app.ts and what stands alone',
      severity: 'error',
      from: { path: '^src/main\\.ts$' },
      to: { path: '^src/', pathNot: '^src/[^/]+\\.ts$' },
    },
    forbid('app-is-imported-from-outside', 'app.ts is the composition root: only main, tests, the demo and benchmarks start it', '^src/(?!main\\.ts)', '^src/(app|main)\\.ts$'),
    forbid('simulation-is-for-the-outside', 'the server does not know the simulated users', '^src/(?!simulation/)', '^src/simulation/'),
    {
      name: 'simulation-is-a-client',
      comment: 'simulated users use what any client uses; they may share pure functions of learning/',
      severity: 'error',
      from: { path: '^src/simulation/' },
      to: { path: '^src/', pathNot: `^src/(simulation|learning|generated)/|${shared}` },
    },
    {
      name: 'the-page-talks-graphql-only',
      comment: 'dashboard/ imports the client that users get, and nothing of the server',
      severity: 'error',
      from: { path: '^dashboard/' },
      to: { path: '^(src|demo|benchmarks|tests)/', pathNot: '^src/client/' },
    },
    {
      name: 'the-command-line-is-a-client',
      comment: 'cli/ imports the client that users get; `start` and `demo` load the two mains whole, as a process of their own would',
      severity: 'error',
      from: { path: '^cli/' },
      to: { path: '^(src|demo|benchmarks|dashboard|tests)/', pathNot: '^src/client/|^(src|demo)/main\\.ts$' },
    },
    forbid('the-client-stands-alone', 'src/client/ is given to users: it imports nothing of ours', '^src/client/', '^(src|demo|benchmarks|dashboard|tests)/', { pathNot: '^src/client/' }),
    forbid('the-server-knows-no-client', 'src/client/ is for the outside', '^src/(?!client/)', '^src/client/'),
    forbid('the-server-knows-no-page', 'src/ serves the page as files', '^(src|demo|benchmarks)/', '^(dashboard|cli)/'),
    forbid('no-tests-in-the-product', 'src/, demo/, dashboard/ and cli/ import no tests or benchmarks', '^(src|demo|dashboard|cli)/', '^(tests|benchmarks)/'),
    {
      name: 'runtime-needs-are-dependencies',
      comment: 'What runs from dist/ is installed without development dependencies',
      severity: 'error',
      from: { path: '^(src|demo|cli)/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
    { name: 'nothing-unresolved', comment: 'every import is found', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // A user's project: it finds the package by name, where it is installed.
    exclude: { path: '^tests/sample-project/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default', 'types'] },
  },
};
