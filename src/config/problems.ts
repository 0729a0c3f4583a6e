/** One setting that is missing or cannot be used. Holds no value that could be a secret. */
export interface Problem {
  /** An environment variable, or a path inside the pairs file. */
  setting: string;
  message: string;
}

/** Everything that is wrong with the configuration, so that it can be mended in one go. */
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

/** Gathers problems while the configuration is read, instead of stopping at the first. */
export class Problems {
  readonly #found: Problem[] = [];

  add(setting: string, message: string): void {
    this.#found.push({ setting, message });
  }

  /** @throws ConfigurationError naming every problem, if there is one. */
  throwIfAny(): void {
    if (this.#found.length > 0) throw new ConfigurationError(this.#found);
  }
}
