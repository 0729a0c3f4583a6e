import type { CompletedCommand, CompletedOption } from './model.js';

/**
 * A script that makes zsh complete commands, options and the values of options, each with its description. It works by `source` as well as in
 * a file `_sequence-failover` of a folder in `fpath`.
 */
export function zshCompletion(commands: readonly CompletedCommand[]): string[] {
  return [
    '#compdef sequence-failover temporal-sequences',
    '_sequence_failover() {',
    '  local -a commands',
    '  if (( CURRENT == 2 )); then',
    '    commands=(',
    ...commands.map(({ name, description }) => `      ${quoted(`${name}:${description}`)}`),
    '    )',
    "    _describe 'command' commands",
    '    return',
    '  fi',
    '  shift words',
    '  (( CURRENT-- ))',
    '  case "$words[1]" in',
    ...commands.flatMap(argumentsOf),
    '  esac',
    '}',
    'if [ "$funcstack[1]" = "_sequence-failover" ]; then',
    '  _sequence_failover "$@"',
    'else',
    '  compdef _sequence_failover sequence-failover temporal-sequences',
    'fi',
  ];
}

function argumentsOf({ name, options, arguments: args }: CompletedCommand): string[] {
  const specs = [
    ...options.map(optionSpec),
    ...args.map((argument, at) =>
      quoted(`${at + 1}:${escaped(argument.name)}:${valuesOf(argument.choices, ' ')}`),
    ),
  ];
  return [
    `  ${name})`,
    '    _arguments \\',
    ...specs.map((spec, at) => `      ${spec}${at < specs.length - 1 ? ' \\' : ''}`),
    '    ;;',
  ];
}

/** Such as `'(-m --mode)'{-m,--mode}'[what a run does]:mode:(check plan)'`. */
function optionSpec({ names, description, value, choices, isRepeatable }: CompletedOption): string {
  const text = `[${escaped(description)}]${value === null ? '' : `:${escaped(value)}:${valuesOf(choices, value === 'path' ? '_files' : ' ')}`}`;
  const [one = ''] = names;
  const prefix = isRepeatable ? '*' : `(${names.join(' ')})`;
  return names.length === 1
    ? quoted(`${prefix}${one}${text}`)
    : `${quoted(prefix)}{${names.join(',')}}${quoted(text)}`;
}

const valuesOf = (choices: readonly string[], others: string) =>
  choices.length === 0 ? others : `(${choices.join(' ')})`;

const escaped = (text: string) => text.replaceAll(/[\\[\]:]/gu, '\\$&');
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
