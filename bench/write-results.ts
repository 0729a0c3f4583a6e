import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Writes the results to files and says where they are.
 *
 * @param files the content by file name; all but a string is written as JSON
 * @param summary is shown before, if given
 */
export function writeResults(folder: string, files: Record<string, unknown>, summary?: string): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    const text = typeof content === 'string' ? content : `${JSON.stringify(content, null, 1)}\n`;
    writeFileSync(join(folder, name), text);
  }
  if (summary !== undefined) process.stdout.write(`\n${summary}\n\n`);
  process.stdout.write(`Written to ${folder}: ${Object.keys(files).join(', ')}\n`);
}
