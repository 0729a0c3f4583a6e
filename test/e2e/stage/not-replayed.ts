/** Runs of the e2e suite that the present workflow code cannot replay, each with its reason. All others are replayed when their file ends. */
export const notReplayed: readonly { file: string; workflows: RegExp; reason: string }[] = [
  {
    file: 'encryption.test.ts',
    workflows: /./,
    reason: 'Payloads are encrypted with keys of the test; the workflow code is that of all other tests.',
  },
];
