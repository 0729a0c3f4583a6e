import type { Notification } from '../contract/notification.js';
import { webhookHeaders } from './sign.js';

/** The receiver of notifications. */
export interface Receiver {
  url: URL;
  /** Null: messages are not signed. */
  key: Buffer | null;
}

/** The result of one attempt. A reason contains the receiver's host, and nothing else of the URL: its path may be a secret. */
export type Attempt = { delivered: true } | { delivered: false; isFinal: boolean; reason: string };

/** How long a receiver may take to answer, in milliseconds. */
const ANSWER_WITHIN_MS = 5_000;

/** The message of Node's fetch for a port to which it never connects. */
const BLOCKED_PORT = 'bad port';

/** The answers 4xx after which another attempt may succeed. All others are final. */
const RETRYABLE: ReadonlySet<number> = new Set([408, 425, 429]);

/** Posts a notification once. Never throws. */
export async function post({ url, key }: Receiver, notification: Notification): Promise<Attempt> {
  const body = JSON.stringify(notification);
  const timestamp = Math.floor(Date.now() / 1000);
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'user-agent': 'sequence-failover',
        ...webhookHeaders({ id: notification.id, timestamp, body }, key),
      },
      body,
      // A redirect is not followed: its address may belong to somebody else.
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    // The answer is not read, since it could repeat the content of the message.
    await response.body?.cancel().catch(() => undefined);
    return judge(response.status, url.host);
  } catch (error) {
    return { delivered: false, isFinal: false, reason: `${url.host}: ${describe(error)}` };
  }
}

function judge(status: number, host: string): Attempt {
  if (status >= 200 && status < 300) return { delivered: true };
  const isRedirect = status >= 300 && status < 400;
  const isFinal = isRedirect || (status >= 400 && status < 500 && !RETRYABLE.has(status));
  const reason = `${host} answered ${status}${isRedirect ? '; set NOTIFY_URL to the address that it redirects to' : ''}`;
  return { delivered: false, isFinal, reason };
}

/** Without the error's message, which may have the whole URL. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'the request failed';
  if (error.name === 'TimeoutError') return `no answer within ${ANSWER_WITHIN_MS / 1000} seconds`;
  const { code, message } = (error.cause ?? error) as { code?: unknown; message?: unknown };
  if (typeof code === 'string') return code;
  return message === BLOCKED_PORT
    ? 'Node.js sends no requests to this port, see https://fetch.spec.whatwg.org/#port-blocking'
    : 'the request failed';
}
