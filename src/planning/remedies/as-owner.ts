import type { ReadObstacle } from '../../steps/read-problem.js';

/** Adds to statements the side and the role to run them with. */
export function asOwner(side: string, statements: string): string {
  return `on the ${side}, as the owner or a superuser: ${statements}`;
}

/** The remedy for something that could not be read on this side. */
export function readRemedy(side: string, obstacle: Pick<ReadObstacle, 'remedy' | 'remedyIs'>): string {
  const { remedy, remedyIs = kindByText(remedy) } = obstacle;
  return remedyIs === 'statements' ? asOwner(side, remedy) : remedy;
}

/** For remedies that an older worker wrote, without their kind. */
function kindByText(remedy: string): ReadObstacle['remedyIs'] {
  return /^(?:ALTER|CREATE|DO|GRANT|SELECT) /u.test(remedy) ? 'statements' : 'advice';
}
