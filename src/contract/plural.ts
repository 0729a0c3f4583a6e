/** Such as `1 pair waits` or `2 pairs wait`. Without `many`, an s is added: `2 pairs`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
