/** What a shell sees of a process that a closed pipe has ended: 128 and the number of SIGPIPE. */
const OF_CLOSED_PIPE = 141;

/**
 * Ends the process if its output cannot be written. A reader such as `head` closes the pipe when it has enough: then there is no message, and
 * the exit code says no more than that. A full disk is an error.
 */
export function endIfOutputCloses(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(process.exitCode ?? OF_CLOSED_PIPE);
      if (stream === process.stdout)
        process.stderr.write(`Error: the output could not be written: ${error.message}\n`);
      process.exit(1);
    });
}
