/**
 * Ends the process if its output cannot be written. A reader such as `head` closes the pipe when it has enough, which is no failure; a full
 * disk is one.
 */
export function endIfOutputCloses(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
      if (stream === process.stdout)
        process.stderr.write(`Error: the output could not be written: ${error.message}\n`);
      process.exit(1);
    });
}
