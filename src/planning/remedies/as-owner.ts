/** Adds to statements the side and the role to run them with. Advice without a statement stays unchanged. */
export function asOwner(side: string, remedy: string): string {
  return /^(?:ALTER|CREATE|DO|GRANT|SELECT) /u.test(remedy)
    ? `on the ${side}, as the owner or a superuser: ${remedy}`
    : remedy;
}
