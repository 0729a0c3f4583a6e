/** Waits for a resource, and returns the function that gives it back. */
export type Acquire = () => Promise<() => void>;

/** Takes the resources one after the other, runs `use`, and gives them back in reverse order, also if a take or `use` fails. */
export async function withResources<T>(takes: readonly Acquire[], use: () => Promise<T>): Promise<T> {
  const releases: (() => void)[] = [];
  try {
    for (const take of takes) releases.push(await take());
    return await use();
  } finally {
    for (const release of releases.reverse()) release();
  }
}
