import { createHmac } from 'node:crypto';

/** The signed parts: the ID of a message, its time in seconds since 1970, and its body. */
export interface Signed {
  id: string;
  timestamp: number;
  body: string;
}

/**
 * The headers by which a receiver verifies a message: those of Standard Webhooks,
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 *
 * @param key null for a message that is not signed
 */
export function webhookHeaders({ id, timestamp, body }: Signed, key: Buffer | null): Record<string, string> {
  const headers = { 'webhook-id': id, 'webhook-timestamp': String(timestamp) };
  if (key === null) return headers;
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { ...headers, 'webhook-signature': `v1,${signature}` };
}
