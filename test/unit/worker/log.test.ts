import type { LogLevel } from '@temporalio/common';
import { expect, it } from 'vitest';
import { createLog, sdkLogger } from '../../../src/worker/log.js';

function capture(level: 'info' | 'debug' = 'info') {
  const lines: string[] = [];
  const log = createLog({
    level,
    secrets: ['s3cret/"word'],
    destination: { write: (line: string) => lines.push(line) },
  });
  return { log, lines, objects: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

it('writes a line of JSON with its fields', () => {
  const { log, lines, objects } = capture();
  log.info({ pair: 'orders', workflowId: 'w' }, 'hello\nworld');
  log.debug('not shown');
  expect(lines).toEqual([expect.stringMatching(/^\{.*\}\n$/)]);
  expect(objects()).toEqual([
    {
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string,
      pair: 'orders',
      workflowId: 'w',
      msg: 'hello\nworld',
    },
  ]);
});

it('holds no secret, whatever its spelling and wherever it is', () => {
  const { log, lines } = capture();
  const cause = new Error('at postgresql://u:s3cret%2F%22word@db/app');
  const error = Object.assign(new Error('refused: s3cret/"word', { cause }), { detail: 's3cret%2f%22word' });
  log.error({ err: error, deep: [{ url: 's3cret/"word' }], password: 's3cret/"word' }, 's3cret/"word');
  sdkLogger(log).warn('s3cret/"word', { error, workflowId: 'w' });
  expect(lines).toHaveLength(2);
  expect(lines.join('')).not.toContain('s3cret');
  for (const line of lines) expect(() => JSON.parse(line) as unknown).not.toThrow();
});

it('shows what was wrong with a connection, and not the connection', () => {
  const { log, lines, objects } = capture();
  const client = { processID: 42, secretKey: 4711, connection: { stream: {} } };
  const error = Object.assign(new Error('terminated'), { code: '57P01', client });
  log.warn({ err: error }, 'lost');
  sdkLogger(log).warn('lost', { error });
  expect(lines.join('')).not.toContain('4711');
  expect(objects()).toMatchObject([
    { err: { type: 'Error', message: 'terminated', code: '57P01', stack: expect.any(String) as string } },
    { error: { message: 'terminated', code: '57P01' } },
  ]);
  for (const one of objects()) expect(one).not.toHaveProperty('err.client');
});

it("takes the SDK's levels and fields", () => {
  const { log, objects } = capture('debug');
  const sdk = sdkLogger(log);
  for (const level of ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR'] satisfies LogLevel[]) sdk.log(level, level);
  sdk.error('failed', { error: new Error('why'), workflowId: 'w' });
  expect(objects().map(({ level, msg }) => [level, msg])).toEqual([
    ['debug', 'DEBUG'],
    ['info', 'INFO'],
    ['warn', 'WARN'],
    ['error', 'ERROR'],
    ['error', 'failed'],
  ]);
  expect(objects().at(-1)).toMatchObject({ workflowId: 'w', error: { type: 'Error', message: 'why' } });
});
