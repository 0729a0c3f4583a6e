import type { Definition } from '../../sequences/sequence.js';
import type { Feed } from './feeds.js';
import type { PositionReading } from './read-positions.js';

/** Everything that a worker reads about a sequence on one side. */
export interface SequenceReading {
  /** Unquoted, as in the catalog. */
  schema: string;
  name: string;
  /** Schema and name, quoted where any version needs it. */
  sequence: string;
  oid: number;
  definition: Definition;
  /** An unlogged one is reset by a crash, a temporary one belongs to a session, and no other can read it. */
  persistence: 'permanent' | 'unlogged' | 'temporary';
  /** The extension that it is a member of; null for none. */
  extension: string | null;
  /** The statements that grant this role the privileges that it lacks to set the sequence; null if it lacks none. */
  grantsToSet: string | null;
  feeds: Feed[];
  /** Its position, or why it could not be read. */
  reading: PositionReading;
}
