import type { Notifier } from '../../activities/dependencies.js';
import type { NotifyConfiguration } from '../config/notify.js';
import { post } from '../notification/post.js';

/** @returns null if nobody is to be notified */
export function notifierOf(notify: NotifyConfiguration | null): Notifier | null {
  if (notify === null) return null;
  const receiver = { url: notify.url.reveal(), key: notify.key?.reveal() ?? null };
  return { post: (notification) => post(receiver, notification) };
}
