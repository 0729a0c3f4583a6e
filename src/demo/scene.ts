import type { Screen } from './screen.js';
import type { Stage } from './stage.js';

/** The arguments of each scene of the demo. */
export interface Scene {
  readonly screen: Screen;
  readonly stage: Stage;
  /** The name of the person who asks for the run and decides. */
  readonly by: string;
  /** Why the gate is passed without a question; null if the person is asked. */
  readonly notAsked: string | null;
  /** The command that started the demo, such as `npm run demo --`. */
  readonly command: string;
  /** Cancels a question to the person. */
  readonly signal: AbortSignal;
}

/** The person pressed Ctrl+C at a question. */
export class CancelledError extends Error {
  override readonly name = 'CancelledError';
}
