import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Forbids imports of the given path patterns, saying why. */
const forbid = (...patterns) => ({
  '@typescript-eslint/no-restricted-imports': [
    'error',
    {
      patterns: patterns.map(([group, message, allowTypeImports = false]) => ({
        group,
        message,
        allowTypeImports,
      })),
    },
  ],
});

const nodeBuiltins = [
  [
    'node:*',
    'fs',
    'fs/*',
    'path',
    'os',
    'crypto',
    'net',
    'http',
    'child_process',
    'timers',
    'timers/*',
    'worker_threads',
  ],
  'Workflow code runs in the Temporal sandbox: no Node built-ins.',
];
const io = [
  [
    '**/src/postgres/**',
    '**/src/ledger/**',
    '**/src/config/**',
    '**/src/worker/**',
    '**/src/cli/**',
    '**/src/demo/**',
    'pg',
    'pino',
  ],
  'Imports point one way: pure code and workflows do no I/O.',
];

export default defineConfig(
  globalIgnores(['dist', 'coverage', '.cache']),
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-floating-promises': ['error', { ignoreVoid: false }],
      '@typescript-eslint/consistent-type-imports': 'error',
    },
  },
  {
    files: ['workflows/**/*.ts'],
    rules: {
      ...forbid(nodeBuiltins, io, [['**/activities/**'], 'Activities are imported as types only.', true]),
      'no-restricted-globals': ['error', 'process', 'Buffer', 'require', 'setImmediate', 'fetch'],
    },
  },
  {
    files: ['src/sequences/**/*.ts'],
    rules: forbid(nodeBuiltins, io, [
      ['**/src/contract/**', '**/contract/**', '@temporalio/*', '**/workflows/**', '**/activities/**', 'zod'],
      'The domain imports nothing.',
    ]),
  },
  {
    files: ['src/contract/**/*.ts'],
    rules: forbid(nodeBuiltins, io, [
      ['**/workflows/**', '**/activities/**'],
      'The contract does not know who fulfils it.',
    ]),
  },
  {
    files: ['src/postgres/**/*.ts', 'src/ledger/**/*.ts', 'src/config/**/*.ts'],
    rules: forbid([
      ['**/workflows/**', '**/activities/**', '**/src/worker/**', '**/worker/**', '**/cli/**', '**/demo/**'],
      'Imports point one way: src does not know activities, workflows or processes.',
    ]),
  },
  { files: ['**/*.js', '**/*.mjs'], extends: [tseslint.configs.disableTypeChecked] },
);
