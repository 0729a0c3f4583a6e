/** An answer of Temporal, such as a history, as one text with its payloads decoded. */
export function decodePayloads(answer: object): string {
  return JSON.stringify(answer, (key, value: unknown) =>
    key === 'data' && typeof value === 'string' ? Buffer.from(value, 'base64').toString() : value,
  );
}
