/** The message of an error, with that of its cause if it says more. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, cause } = error;
  if (/^(?:\d+ NOT_FOUND: )?Namespace .* is not found\.?$/u.test(message))
    return `${message} See what is wrong: sequence-failover doctor`;
  return cause instanceof Error && !message.includes(cause.message)
    ? `${message} (${cause.message})`
    : message;
}
