/** Waits for something, and returns how it is given back. */
export type Take = () => Promise<() => void>;

/** Takes one after the other, runs `use`, and gives all back in the opposite order, also where a take or `use` fails. */
export async function holding<T>(takes: readonly Take[], use: () => Promise<T>): Promise<T> {
  const releases: (() => void)[] = [];
  try {
    for (const take of takes) releases.push(await take());
    return await use();
  } finally {
    for (const release of releases.reverse()) release();
  }
}
