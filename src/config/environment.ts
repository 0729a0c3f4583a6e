/** The variables of a process. One that is empty counts as unset, as an empty line in an .env file means. */
export class Environment {
  readonly #variables: Readonly<Record<string, string | undefined>>;

  constructor(variables: Readonly<Record<string, string | undefined>>) {
    this.#variables = variables;
  }

  /** The value as it is, or null. */
  raw(name: string): string | null {
    const value = Object.hasOwn(this.#variables, name) ? this.#variables[name] : undefined;
    return value === undefined || value === '' ? null : value;
  }

  /** The value without surrounding space, for what is not a password; null when nothing remains. */
  text(name: string): string | null {
    return this.raw(name)?.trim() || null;
  }

  /** All variables that are set, for libraries that read them by themselves. */
  all(): Record<string, string> {
    const names = Object.keys(this.#variables).filter((name) => this.raw(name) !== null);
    return Object.fromEntries(names.map((name) => [name, this.raw(name) ?? '']));
  }
}
