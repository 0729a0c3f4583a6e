/** A failure in one text: the `message` of an ending in a status. */
export const failureText = (type: string, message: string): string => `${type}: ${message}`;

/** The type and the message of {@link failureText}. */
export function parseFailureText({ message: text }: { message: string }): { type: string; message: string } {
  const [type = ''] = /^\w+/u.exec(text) ?? [];
  return { type, message: text.slice(type.length).replace(/^: /u, '') };
}
