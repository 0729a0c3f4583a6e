/** Statements with where, and as whom, to run them; advice that is no statement as it is. */
export function asOwner(side: string, remedy: string): string {
  return /^(?:ALTER|CREATE|DO|GRANT|SELECT) /u.test(remedy)
    ? `on the ${side}, as the owner or a superuser: ${remedy}`
    : remedy;
}
