import path from 'node:path';
import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';
import { innerRooms, rooms } from './eslint.rooms.js';

/** A number that stands in a module, such as a limit or a time, is recognized wherever it is used. */
const numbersInCapitals = {
  selector:
    ':matches(Program, Program > ExportNamedDeclaration) > VariableDeclaration[kind="const"] > VariableDeclarator[id.name=/[a-z]/][init.raw=/^[0-9]/]',
  message: 'The name of a number of the module is in capitals.',
};

/** Forbids what a room may not take from packages, saying why. */
const forbidPackages = (group, message) => ({
  '@typescript-eslint/no-restricted-imports': ['error', { patterns: [{ group, message }] }],
});

const nodeBuiltins = [
  ...['node:*', 'fs', 'fs/*', 'path', 'os', 'crypto', 'net', 'http', 'child_process'],
  ...['timers', 'timers/*', 'worker_threads'],
];
const ioPackages = ['pg', 'pino', '@temporalio/client', '@temporalio/worker', '@temporalio/activity'];

export default defineConfig(
  globalIgnores(['dist', 'coverage', '.cache']),
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { 'import-x': importX },
    settings: {
      'import-x/resolver-next': [
        createTypeScriptImportResolver({ project: `${import.meta.dirname}/tsconfig.json` }),
      ],
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-floating-promises': ['error', { ignoreVoid: false }],
      '@typescript-eslint/consistent-type-imports': 'error',
      'max-depth': ['error', 4],
      complexity: ['error', 18],
      'no-restricted-syntax': ['error', numbersInCapitals],
      'import-x/no-restricted-paths': [
        'error',
        { basePath: import.meta.dirname, zones: [...zonesOf(rooms), ...zonesOf(innerRooms, areSiblings)] },
      ],
    },
  },
  // A file with one purpose is shorter.
  { files: ['{src,workflows,activities,bench}/**/*.ts'], rules: { 'max-lines': ['error', 300] } },
  {
    files: ['workflows/**/*.ts'],
    rules: {
      ...forbidPackages(
        [...nodeBuiltins, ...ioPackages],
        'Workflow code runs in the Temporal sandbox: no Node built-ins, no I/O.',
      ),
      'no-restricted-globals': ['error', 'process', 'Buffer', 'require', 'setImmediate', 'fetch'],
    },
  },
  {
    files: ['src/sequences/**/*.ts'],
    rules: forbidPackages(
      [...nodeBuiltins, ...ioPackages, '@temporalio/*', 'zod'],
      'The arithmetic imports no package.',
    ),
  },
  {
    files: ['src/{contract,steps,findings,planning,report}/**/*.ts'],
    rules: forbidPackages([...nodeBuiltins, ...ioPackages, '@temporalio/*'], 'Pure code does no I/O.'),
  },
  {
    // The class of failures is the same for workflows and activities, and does no I/O.
    files: ['src/steps/failures.ts'],
    rules: forbidPackages(
      [...nodeBuiltins, ...ioPackages, '@temporalio/{client,worker,workflow,activity}'],
      'Pure code does no I/O.',
    ),
  },
  {
    // Temporal loads them once for all workflows of a worker: src/worker/preloaded-modules.ts.
    files: ['src/{contract,findings,planning,sequences,steps}/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        numbersInCapitals,
        {
          selector: ':matches(Program, Program > ExportNamedDeclaration) > VariableDeclaration[kind="let"]',
          message: 'Workflows share this module, so it may not keep anything of one of them.',
        },
      ],
    },
  },
  { files: ['**/*.js', '**/*.mjs'], extends: [tseslint.configs.disableTypeChecked] },
);

/** Whether two rooms are in the same folder. */
function areSiblings(one, other) {
  return path.posix.dirname(one) === path.posix.dirname(other);
}

/**
 * A room may import from the rooms that it names, and from itself; the other rooms of its table are closed to it.
 *
 * @param together whether the table judges imports between two of its rooms
 */
function zonesOf(table, together = () => true) {
  return Object.entries(table).map(([room, open]) => ({
    target: `./${room}`,
    from: Object.keys(table)
      .filter((other) => other !== room && !open.includes(other) && together(other, room))
      .map((other) => `./${other}`),
    message: `Imports point one way: ${room} may import ${open.length === 0 ? 'no other room' : open.join(', ')}. See eslint.rooms.js.`,
  }));
}
