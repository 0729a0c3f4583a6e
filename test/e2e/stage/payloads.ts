import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A payload as protobuf's JSON writes it: metadata and data in base64. */
export interface EncodedPayload {
  metadata?: Record<string, string>;
  data?: string;
}

/** The value of a JSON payload; null where there is none. */
export function decodePayload(payload: EncodedPayload | undefined): unknown {
  const encoding = decodeText(payload?.metadata?.['encoding'] ?? '');
  return encoding === 'json/plain' ? JSON.parse(decodeText(payload?.data ?? '')) : null;
}

function decodeText(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}

/** The flags that send these values, each as an argument of its own. */
export function json(...values: unknown[]): string[] {
  return values.flatMap((value) => text(JSON.stringify(value)));
}

/** The flags that send this JSON as it is written. */
export function text(written: string): string[] {
  return ['--input', written];
}

/** The flags that send these bytes under an encoding of the sender's own. */
export function encoded(encoding: string, data: string): string[] {
  const base64 = Buffer.from(data).toString('base64');
  return ['--input', base64, '--input-base64', '--input-meta', `encoding=${encoding}`];
}

/** The flags that send `json/plain` that is none: the CLI looks at the digits, not at the bytes that they stand for. */
export const noJson = ['--input', '1234', '--input-base64'];

/** The flags that send this JSON from a file: a command line takes at most 128 KiB. */
export function file(written: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'sequence-failover-input-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  const path = join(folder, 'input.json');
  writeFileSync(path, written);
  return ['--input-file', path];
}
