/** Why something could not be read, and the remedy. */
export interface ReadObstacle {
  reason: string;
  remedy: string;
  /** `statements` if the remedy begins with statements for the owner or a superuser of this side. Older workers leave it out. */
  remedyIs?: 'statements' | 'advice';
}

/** Why a sequence could not be read, and the remedy. */
export interface ReadProblem extends ReadObstacle {
  code: 'NO_READ_PRIVILEGE' | 'READ_FAILED';
  /** The role that lacks a privilege, quoted. Absent if that is not the problem, and from older workers. */
  role?: string;
}
