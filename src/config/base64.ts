/** The bytes of a text in base64; null if it is not base64. */
export function decodeBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64');
  // Node ignores characters that are not base64, so the bytes are compared with the text.
  return bytes.toString('base64') === text ? bytes : null;
}
