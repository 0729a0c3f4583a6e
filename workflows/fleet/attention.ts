import type { FleetAttention } from '../../src/contract/fleet-status.js';
import { utf8Bytes } from '../../src/contract/parsing/text.js';
import type { Member } from './member.js';

/** The largest size in bytes of JSON. The blocks of further pairs are left out; their own workflows have them. */
const DESCRIBED_AT_MOST = 100_000;

/** The pairs whose gates need a person, with their blocks. */
export function describeAttention(members: readonly Member[]): FleetAttention[] {
  let room = DESCRIBED_AT_MOST;
  return members.map(({ pair, gate, blockedBy, blockedCount, refused, blocks }) => {
    const shown = blocks.filter((block) => {
      const size = utf8Bytes(JSON.stringify(block));
      if (size > room) return false;
      room -= size;
      return true;
    });
    return { pair, gate, blockedBy: blockedBy.slice(0, 5), blockedCount, blocks: shown, refused };
  });
}
