import type { CompletedCommand } from './model.js';

/** A script that makes bash complete commands, options and the values of options. */
export function bashCompletion(commands: readonly CompletedCommand[]): string[] {
  return [
    '_sequence_failover() {',
    // compgen splits words at the characters in IFS, which the user may have changed.
    '  local IFS=$\' \\t\\n\' words= command="${COMP_WORDS[1]}" current="${COMP_WORDS[COMP_CWORD]}"',
    '  if [ "$COMP_CWORD" -le 1 ]; then',
    `    words='${commands.map(({ name }) => name).join(' ')}'`,
    '  else',
    '    case "$command ${COMP_WORDS[COMP_CWORD-1]}" in',
    ...commands.flatMap(valueCases),
    '    *) case "$command" in',
    ...commands.map(({ name, options, arguments: args }) => {
      const names = options.flatMap((option) => option.names.filter((one) => one.startsWith('--')));
      return `      ${name}) words='${[...names, ...args.flatMap(({ choices }) => choices)].join(' ')}' ;;`;
    }),
    '      esac ;;',
    '    esac',
    '  fi',
    '  COMPREPLY=($(compgen -W "$words" -- "$current"))',
    '}',
    'complete -o default -F _sequence_failover sequence-failover temporal-sequences',
  ];
}

/** At the value of an option, bash offers its choices or, if it takes any value, files. */
function valueCases({ name, options }: CompletedCommand): string[] {
  return options
    .filter(({ value }) => value !== null)
    .map(({ names, choices }) => {
      const patterns = names.map((one) => `'${name} ${one}'`).join('|');
      return `    ${patterns}) words='${choices.join(' ')}' ;;`;
    });
}
