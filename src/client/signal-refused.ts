/** The workflow has refused a decision that came as a signal; the message is its reason. */
export class SignalRefusedError extends Error {
  override readonly name = 'SignalRefusedError';
}
