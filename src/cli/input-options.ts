import { type Command, Option } from 'commander';
import { collect } from './action.js';

/** The options of a command that become the input of a run. */
export interface InputOptions {
  pair?: string;
  buffer?: string;
  include?: string[];
  exclude?: string[];
  ticket?: string;
  requestedBy?: string;
  bufferReason?: string;
  approver?: string[];
  notBefore?: string;
  input?: string;
}

/** The options that choose the pair and the sequences of a run. */
export function inputOptions(command: Command): Command {
  return command
    .option('-p, --pair <name>', 'which pair of the worker (default: "default")')
    .option(
      '-b, --buffer <buffer>',
      'how far ahead: low, medium, high, time-critical, or a number of nextval calls',
    )
    .option('--include <pattern>', 'only these sequences, such as public.*; may be repeated', collect)
    .option('--exclude <pattern>', 'leave these sequences out; may be repeated', collect)
    .option('--ticket <text>', 'a ticket, for the record')
    .option('--requested-by <name>', 'who asks for the run, for the record')
    .option('--buffer-reason <text>', 'why this buffer, for the record')
    .option(
      '-i, --input <json>',
      'the input as JSON (docs/reference/input.md); the options above take precedence',
    );
}

/** The option of a command whose run only reads. */
export const timeoutOption = () =>
  new Option(
    '--timeout <duration>',
    "stop it if it has not ended after this time, such as '5 minutes' or 300 (seconds)",
  ).default('600');
