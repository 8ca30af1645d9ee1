/** The house rules that a tool can check; the reasons stand in CONTRIBUTING.md. */
import { basename } from 'node:path';
import tseslint from 'typescript-eslint';

/** Files are named after what they export, in kebab-case. */
const kebabCase = {
  create: (context) => ({
    Program(node) {
      const name = basename(context.filename);
      if (!/^\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)+$/.test(name)) context.report({ node, message: `File names are kebab-case: ${name}` });
    },
  }),
};

/** A file opens with one sentence on what it is for. */
const openingSentence = {
  create: (context) => ({
    Program(node) {
      const [first] = context.sourceCode.getAllComments();
      const beforeCode = first && (node.body.length === 0 || first.range[1] <= node.body[0].range[0]);
      if (!beforeCode) context.report({ loc: { line: 1, column: 0 }, message: 'A file opens with one sentence, in a comment, on what it is for.' });
    },
  }),
};

const readsEnvironment = {
  selector: "MemberExpression[object.name='process'][property.name='env']",
  message: 'Only src/config.ts reads the environment.',
};
const exportsDefault = { selector: 'ExportDefaultDeclaration', message: 'Exports are named.' };

export default tseslint.config(
  { ignores: ['**/node_modules/', 'dist/', 'coverage/', 'src/generated/', 'src/client/generated/', 'dashboard/src/generated/', 'cli/generated/'] },
  {
    files: ['**/*.{js,cjs,ts,tsx}'],
    plugins: { house: { rules: { 'kebab-case': kebabCase, 'opening-sentence': openingSentence } } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      'max-lines': ['error', { max: 400 }],
      'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx', 'hack'] }],
      'house/kebab-case': 'error',
      'house/opening-sentence': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-var': 'error',
      'prefer-const': 'error',
      'no-control-regex': 'error',
      'no-debugger': 'error',
      'no-dupe-keys': 'error',
      'no-fallthrough': 'error',
      'no-unsafe-finally': 'error',
      'no-unreachable': 'error',
      'no-useless-escape': 'error',
      'no-empty': 'error',
      'no-constant-condition': ['error', { checkLoops: false }],
    },
  },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.recommended],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/ban-ts-comment': ['error', { 'ts-expect-error': true, 'ts-ignore': true, 'ts-nocheck': true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      // A fastify reply is thenable; sending it is not a promise to wait for.
      '@typescript-eslint/no-floating-promises': ['error', { allowForKnownSafePromises: [{ from: 'package', name: 'FastifyReply', package: 'fastify' }] }],
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-unsafe-function-type': 'error',
      'no-restricted-syntax': ['error', readsEnvironment, exportsDefault],
    },
  },
  { files: ['src/config.ts'], rules: { 'no-restricted-syntax': ['error', exportsDefault] } },
  // Tests and benchmarks choose their own database by the environment; tools want their configuration as the default export.
  { files: ['tests/**/*.ts', 'benchmarks/**/*.ts'], rules: { 'no-restricted-syntax': ['error', exportsDefault] } },
  { files: ['prisma.config.ts', '**/*.d.ts'], rules: { 'no-restricted-syntax': 'off' } },
);
