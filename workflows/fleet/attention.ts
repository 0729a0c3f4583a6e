import type { FleetAttention } from '../../src/contract/fleet-status.js';
import { utf8Bytes } from '../../src/contract/parsing/text.js';
import type { Member } from './member.js';

/** Beyond so many bytes of JSON the blocks of further pairs are left to their own workflows. */
const DESCRIBED_AT_MOST = 100_000;

/** Pairs whose gates need somebody, with what stands there. */
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
