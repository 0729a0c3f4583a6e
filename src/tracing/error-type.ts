/** Part of the workflow bundle, so it must not use Node built-ins. */

const TYPE = /^[A-Za-z_][\w.]{0,99}$/;

/**
 * The type of a failure, such as `NotReady`: a failure's own type, the type of the failure that caused it, or the class of an error. Never
 * a message, which may quote anything.
 */
export function errorTypeOf(error: unknown): string {
  for (let one = error, depth = 0; one instanceof Error && depth < 5; one = one.cause, depth += 1) {
    const { type } = one as { type?: unknown };
    if (typeof type === 'string' && TYPE.test(type)) return type;
    // A failed activity or child: its cause says more.
    if (!(one.cause instanceof Error)) return TYPE.test(one.name) ? one.name : 'Error';
  }
  return 'Error';
}
