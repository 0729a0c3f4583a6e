/** The value, which `owner` has by now. @throws Error if it is null */
export function present<T>(value: T | null, what: string, owner: string): T {
  if (value === null) throw new Error(`the ${owner} has no ${what} yet`);
  return value;
}
