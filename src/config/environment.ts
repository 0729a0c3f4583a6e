/** The variables of a process. An empty variable counts as unset, as in an .env file. */
export class Environment {
  readonly #variables: Readonly<Record<string, string | undefined>>;

  constructor(variables: Readonly<Record<string, string | undefined>>) {
    this.#variables = variables;
  }

  /** The unchanged value, or null. */
  raw(name: string): string | null {
    const value = Object.hasOwn(this.#variables, name) ? this.#variables[name] : undefined;
    return value === undefined || value === '' ? null : value;
  }

  /** The value without surrounding spaces, for values that are not passwords; null if nothing remains. */
  text(name: string): string | null {
    return this.raw(name)?.trim() || null;
  }

  /** All variables that are set, for libraries that read the environment themselves. */
  all(): Record<string, string> {
    const names = Object.keys(this.#variables).filter((name) => this.raw(name) !== null);
    return Object.fromEntries(names.map((name) => [name, this.raw(name) ?? '']));
  }
}
