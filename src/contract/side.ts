/** One of the two servers of a pair. */
export type SideOfPair = 'primary' | 'standby';
