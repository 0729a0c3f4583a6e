import {
  commandWithInput,
  type GivenInput,
  type GivenStart,
  idOption,
  textOption,
} from './command-with-input.js';
import { optionsFor } from './options-for.js';

/** The workflow ID of a promotion of one pair whose command names none. */
export function promotionIdOf({ pair, rehearse }: GivenInput): string {
  return `${rehearse === true ? 'rehearse' : 'promote'}-${typeof pair === 'string' ? pair : 'default'}`;
}

/** The command that starts a promotion, or a fleet of promotions, with this input and this workflow ID. */
export function promoteCommand({ workflowId, input }: GivenStart): string {
  const names = namesOf(input);
  const options = {
    ...(names === null ? textOption(input, 'pair') : { pairs: optionsFor('pair', names) }),
    ...(input['rehearse'] === true && { rehearse: ' --rehearse' }),
    ...idOption(workflowId, input['pairs'] === undefined ? promotionIdOf(input) : null),
    // As options, so that a person can add an --input.
    ...textOption(input, 'ticket'),
    ...textOption(input, 'requestedBy', 'requested-by'),
  };
  return commandWithInput('promote', options, input);
}

/** The command of the promotion that was rehearsed. If its workflow ID was `rehearse-…`, this one's is `promote-…`. */
export function realCommand({ workflowId, input }: GivenStart): string {
  const real = Object.fromEntries(Object.entries(input).filter(([field]) => field !== 'rehearse'));
  return promoteCommand({ workflowId: workflowId.replace(/^rehearse-/u, 'promote-'), input: real });
}

/** The names of several pairs; null if the input has pairs with own inputs. With a single --pair, the command starts no fleet. */
function namesOf({ pairs }: GivenInput): readonly string[] | null {
  const areNames = Array.isArray(pairs) && pairs.length > 1 && pairs.every((one) => typeof one === 'string');
  return areNames ? pairs : null;
}
