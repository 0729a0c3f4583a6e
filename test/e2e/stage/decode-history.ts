import type { History } from './workflow-run.js';

/** All that a history says, its payloads decoded, as one text. */
export function decodeHistory(history: History): string {
  return JSON.stringify(history, (key, value: unknown) =>
    key === 'data' && typeof value === 'string' ? Buffer.from(value, 'base64').toString() : value,
  );
}
