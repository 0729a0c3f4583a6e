/** A setting that is missing or invalid. It has no value that could be secret. */
export interface Problem {
  /** An environment variable, or a path inside the pairs file. */
  setting: string;
  message: string;
  /** `NO_PAIR`: the environment describes no pair at all. Absent for any other problem. */
  code?: 'NO_PAIR';
}

/** All problems of the configuration, so that they can be fixed in one round. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';

  constructor(readonly problems: readonly Problem[]) {
    const heading =
      problems.length === 1
        ? 'The configuration has a problem:'
        : `The configuration has ${problems.length} problems:`;
    super([heading, ...problems.map(({ setting, message }) => `  ${setting}: ${message}`)].join('\n'));
  }
}

/** Collects problems while the configuration is read, instead of stopping at the first. */
export class Problems {
  readonly #found: Problem[] = [];

  add(setting: string, message: string, code?: Problem['code']): void {
    this.#found.push({ setting, message, ...(code === undefined ? {} : { code }) });
  }

  /** All problems so far. */
  list(): readonly Problem[] {
    return this.#found;
  }

  /** @throws ConfigurationError that names all problems, if there are any. */
  throwIfAny(): void {
    if (this.#found.length > 0) throw new ConfigurationError(this.#found);
  }
}
