import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A payload in protobuf's JSON format: metadata and data in base64. */
export interface EncodedPayload {
  metadata?: Record<string, string>;
  data?: string;
}

/** The value of a JSON payload; null if there is none. */
export function decodePayload(payload: EncodedPayload | undefined): unknown {
  const encoding = decodeText(payload?.metadata?.['encoding'] ?? '');
  return encoding === 'json/plain' ? JSON.parse(decodeText(payload?.data ?? '')) : null;
}

function decodeText(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}

/** The flags that send each of these values as one argument. */
export function json(...values: unknown[]): string[] {
  return values.flatMap((value) => text(JSON.stringify(value)));
}

/** The flags that send this JSON text unchanged. */
export function text(written: string): string[] {
  return ['--input', written];
}

/** The flags that send these bytes with another encoding than JSON. */
export function encoded(encoding: string, data: string): string[] {
  const base64 = Buffer.from(data).toString('base64');
  return ['--input', base64, '--input-base64', '--input-meta', `encoding=${encoding}`];
}

/** The flags that send invalid data as `json/plain`. The CLI accepts it, because it checks the base64 digits, not the decoded bytes. */
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
