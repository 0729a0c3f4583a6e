/** The items of the failover checklist in a status, in the order in which a run works through them. */
export const CHECKLIST = {
  synchronize: 'Synchronize the sequences',
  verify: 'Verify that all sequences are ahead of the primary',
  record: 'Record the buffer that was used',
  approve: 'Approve the failover',
  handOff: 'Hand off to promotion',
} as const;
