import { parseRemedy } from '../../findings/remedy-text.js';
import type { ReadObstacle } from '../../steps/read-problem.js';
import type { SideOfPair } from '../../contract/side.js';

/** Adds to statements the side and the role to run them with. */
export function asOwner(side: SideOfPair, statements: string): string {
  return `on the ${side}, as the owner or a superuser: ${statements}`;
}

/** The remedy for something that could not be read on this side. */
export function obstacleRemedy(
  side: SideOfPair,
  { remedy, remedyIs = kindByText(remedy) }: Pick<ReadObstacle, 'remedy' | 'remedyIs'>,
): string {
  return remedyIs === 'statements' ? asOwner(side, remedy) : remedy;
}

/** For remedies that an older worker wrote, without their kind. */
function kindByText(remedy: string): ReadObstacle['remedyIs'] {
  return parseRemedy(remedy)[0]?.kind === 'statement' ? 'statements' : 'advice';
}
