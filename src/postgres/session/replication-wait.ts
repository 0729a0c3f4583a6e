import type { Connection } from '../connection/connector.js';

/** In milliseconds, between two checks: longer than a healthy synchronous standby takes. */
const CHECK_EVERY_MS = 5_000;
/** The COMMIT is cancelled only at the second check, since a standby may be slow for a moment. */
const CHECKS_BEFORE_CANCEL = 2;

/**
 * Watches a COMMIT that may wait for the server's synchronous standbys: no timeout of the server ends that wait
 * (https://www.postgresql.org/docs/current/warm-standby.html#SYNCHRONOUS-REPLICATION-HA). If two checks see it waiting, it is cancelled. It
 * then ends at once, committed on this server alone, with a warning.
 */
export class ReplicationWait {
  #timer: NodeJS.Timeout | undefined;
  #timesSeen = 0;
  #isOver = false;
  /** Whether the server has ended the wait without a confirmation. */
  wasCancelled = false;

  constructor(private readonly connection: Connection) {
    connection.client.on('notice', this.#onNotice);
    this.#checkLater();
  }

  end(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.connection.client.off('notice', this.#onNotice);
  }

  readonly #onNotice = ({ routine }: { routine?: string | undefined }) => {
    if (routine === 'SyncRepWaitForLSN') this.wasCancelled = true;
  };

  #checkLater(): void {
    this.#timer = setTimeout(() => {
      // Neither of its two requests throws.
      this.#check().catch(() => undefined);
    }, CHECK_EVERY_MS);
    this.#timer.unref();
  }

  async #check(): Promise<void> {
    const isWaiting = (await this.connection.waitEvent()) === 'SyncRep';
    if (this.#isOver) return;
    this.#timesSeen = isWaiting ? this.#timesSeen + 1 : 0;
    if (this.#timesSeen >= CHECKS_BEFORE_CANCEL) await this.connection.requestCancel();
    else this.#checkLater();
  }
}

/** In milliseconds: how long the answer to a cancelled statement may take. */
const CANCEL_TIMEOUT_MS = 3_000;

/**
 * Cancels a COMMIT that did not answer. If it was waiting for a synchronous standby of the server, it now ends at once: it is committed
 * on this server, and the server sends a warning: https://www.postgresql.org/docs/current/warm-standby.html#SYNCHRONOUS-REPLICATION-HA
 *
 * @returns whether it was waiting for a synchronous standby
 */
export async function waitsForReplication(connection: Connection): Promise<boolean> {
  const { client } = connection;
  return new Promise((resolve) => {
    const onNotice = ({ routine }: { routine?: string | undefined }) => {
      if (routine === 'SyncRepWaitForLSN') end(true);
    };
    const onOver = () => {
      end(false);
    };
    const timer = setTimeout(onOver, CANCEL_TIMEOUT_MS);
    const end = (found: boolean) => {
      clearTimeout(timer);
      client.off('notice', onNotice).off('end', onOver);
      resolve(found);
    };
    client.on('notice', onNotice).on('end', onOver);
    connection.requestCancel().catch(onOver);
  });
}
