import { readdirSync } from 'node:fs';
import path from 'node:path';

/** The rooms whose modules hold no state: `eslint.rooms.js` keeps them apart from everything that does. */
const ROOMS = ['contract', 'findings', 'planning', 'sequences', 'steps'];

/** The room with the schemas. */
const SCHEMAS = 'contract';

/**
 * The code of a CommonJS module that loads all modules of these rooms. A worker runs it once, and all its workflows share the modules. Otherwise
 * each workflow that the worker keeps in memory would load them anew.
 *
 * Temporal freezes what a shared module exports, with everything that can be reached from there. But a schema of zod completes itself at its first
 * use. Temporal does not look into an object that is frozen already, so the exports of the modules with schemas are frozen here.
 *
 * @param sources the folder `src`: unlike `dist`, it has no files of earlier builds
 * @param compiled the folder of the compiled code, absolute
 */
export function preloadedModules(sources: string, compiled: string): string {
  const modulesOf = (room: string) =>
    readdirSync(path.join(sources, room), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => JSON.stringify(path.join(compiled, room, file.replace(/\.ts$/u, '.js'))))
      .sort();
  return ROOMS.flatMap((room) =>
    modulesOf(room).map((file) =>
      room === SCHEMAS ? `Object.freeze(require(${file}));\n` : `require(${file});\n`,
    ),
  ).join('');
}
