import { open, type FileHandle } from 'node:fs/promises';
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';

/** https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3.7, 4.3.12 and 4.3.16; no Zip64. */
const layout = {
  localHeader: { length: 30, nameLength: 26, extraLength: 28 },
  centralHeader: {
    signature: 0x02014b50,
    length: 46,
    method: 10,
    compressedSize: 20,
    nameLength: 28,
    extraLength: 30,
    commentLength: 32,
    localHeaderOffset: 42,
  },
  end: { signature: 0x06054b50, length: 22, maximumComment: 0xffff, directorySize: 12, directoryOffset: 16 },
  methods: { stored: 0, deflated: 8 },
} as const;

interface Entry {
  readonly method: number;
  readonly compressedSize: number;
  readonly localHeaderOffset: number;
}

/**
 * Writes one file of a zip archive to `destination`.
 *
 * @throws Error where the archive is damaged, does not hold the entry, or packs it by another method than deflate
 */
export async function extractZipEntry(archive: string, name: string, destination: string): Promise<void> {
  const file = await open(archive, 'r');
  let start: number;
  let entry: Entry;
  try {
    entry = findEntry(await readDirectory(file, archive), name, archive);
    const { localHeader } = layout;
    const header = await read(file, entry.localHeaderOffset, localHeader.length);
    start =
      entry.localHeaderOffset +
      localHeader.length +
      header.readUInt16LE(localHeader.nameLength) +
      header.readUInt16LE(localHeader.extraLength);
  } finally {
    await file.close();
  }
  const source = createReadStream(archive, { start, end: start + entry.compressedSize - 1 });
  const target = createWriteStream(destination);
  if (entry.method === layout.methods.deflated) await pipeline(source, createInflateRaw(), target);
  else if (entry.method === layout.methods.stored) await pipeline(source, target);
  else throw new Error(`${archive}: ${name} is packed by method ${entry.method}; expected deflate (8).`);
}

async function readDirectory(file: FileHandle, archive: string): Promise<Buffer> {
  const { end } = layout;
  const { size } = await file.stat();
  const tailLength = Math.min(size, end.length + end.maximumComment);
  const tail = await read(file, size - tailLength, tailLength);
  for (let at = tailLength - end.length; at >= 0; at--) {
    if (tail.readUInt32LE(at) === end.signature) {
      return await read(
        file,
        tail.readUInt32LE(at + end.directoryOffset),
        tail.readUInt32LE(at + end.directorySize),
      );
    }
  }
  throw new Error(`${archive} is no zip archive: it has no central directory.`);
}

function findEntry(directory: Buffer, name: string, archive: string): Entry {
  const { centralHeader } = layout;
  for (let at = 0; at + centralHeader.length <= directory.length;) {
    if (directory.readUInt32LE(at) !== centralHeader.signature) break;
    const nameStart = at + centralHeader.length;
    const nameEnd = nameStart + directory.readUInt16LE(at + centralHeader.nameLength);
    if (directory.toString('utf8', nameStart, nameEnd) === name) {
      return {
        method: directory.readUInt16LE(at + centralHeader.method),
        compressedSize: directory.readUInt32LE(at + centralHeader.compressedSize),
        localHeaderOffset: directory.readUInt32LE(at + centralHeader.localHeaderOffset),
      };
    }
    at =
      nameEnd +
      directory.readUInt16LE(at + centralHeader.extraLength) +
      directory.readUInt16LE(at + centralHeader.commentLength);
  }
  throw new Error(`${archive} holds no ${name}.`);
}

async function read(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  if (bytesRead !== length) throw new Error('The zip archive ends too early.');
  return buffer;
}
