// Runs the command again and again in one process, since a start takes ten times the processor time of most commands. Each message of the
// parent is one command: test/e2e/stage/command-hosts.ts.
import path from 'node:path';
import process from 'node:process';
import { clearTimeout, setTimeout } from 'node:timers';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const [, , main] = process.argv;
const { createProgram } = await import(pathToFileURL(path.resolve(main, '../program.js')).href);

/** Thrown by `process.exit`: a command does nothing more after it. */
class Exited extends Error {}

/** @returns what a shell would see of a process of its own; a command that takes longer than `longestMs` has no code */
async function run({ args, env, longestMs }) {
  for (const name of Object.keys(process.env)) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, env);
  process.argv.splice(1, Infinity, main, ...args);
  process.exitCode = undefined;
  const stdout = captured(process.stdout);
  const stderr = captured(process.stderr);
  let exited;
  process.exit = (code = process.exitCode ?? 0) => {
    exited ??= code;
    throw new Exited();
  };
  const before = kept();
  const answer = (code) => ({ code, stdout: stdout(), stderr: stderr() });
  const deadline = setTimeout(() => process.send(answer(null)), longestMs).unref();
  try {
    await createProgram('sequence-failover').parseAsync();
  } catch (error) {
    if (!(error instanceof Exited)) throw error;
  }
  // A process of its own ends when nothing keeps it alive.
  while (exited === undefined && kept() > before) await delay(1);
  clearTimeout(deadline);
  return answer(exited ?? process.exitCode ?? 0);
}

/** How many connections and timers keep this process alive. */
const kept = () => process.getActiveResourcesInfo().length;

/** @returns a function that returns what has been written to the stream since */
function captured(stream) {
  let text = '';
  stream.write = (chunk, ...rest) => {
    text += chunk;
    const done = rest.at(-1);
    if (typeof done === 'function') process.nextTick(done);
    return true;
  };
  return () => text;
}

process.on('message', (message) => {
  run(message).then((result) => process.send(result));
});
process.send('ready');
