import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { openPromise } from 'yauzl';

/**
 * Writes one file of a ZIP archive to `destination`.
 *
 * @throws Error if the archive is damaged, or does not have the entry
 */
export async function extractZipEntry(archive: string, name: string, destination: string): Promise<void> {
  const zip = await openPromise(archive, { lazyEntries: true, autoClose: false }).catch((cause: unknown) => {
    throw new Error(`${archive} is not a ZIP archive: ${String(cause)}`, { cause });
  });
  try {
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName !== name) continue;
      await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(destination));
      return;
    }
    throw new Error(`${archive} holds no ${name}.`);
  } finally {
    zip.close();
  }
}
