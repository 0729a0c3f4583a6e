import { pino, stdSerializers, stdTimeFunctions } from 'pino';
import type { DestinationStream, Logger as PinoLogger } from 'pino';
import type { Logger, LogLevel as SdkLevel, LogMetadata } from '@temporalio/worker';
import type { LogLevel } from '../config/configuration.js';
import { scrub } from '../postgres/failures/secrets.js';

/** The worker's log. */
export interface LogOptions {
  level: LogLevel;
  /** Secrets to remove from every text, also if they are encoded; see `scrub`. */
  secrets: readonly string[];
  /** Standard output by default. */
  destination?: DestinationStream;
}

/** An error of pg's pool has its client, of several kilobytes, with the key that cancels its statements. */
function withoutClient(value: unknown): unknown {
  const error = stdSerializers.err(value as Error) as unknown;
  return typeof error === 'object' && error !== null && 'client' in error
    ? { ...error, client: undefined }
    : error;
}

/** Writes one JSON object on each line. */
export function createLog({ level, secrets, destination }: LogOptions): PinoLogger {
  const scrubText = (_key: string, value: unknown): unknown =>
    typeof value === 'string' ? scrub(value, secrets) : value;
  return pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: withoutClient, error: withoutClient },
      hooks: {
        // As the last step, so that it also covers the cause of an error and the fields of the SDK.
        streamWrite: (line) => `${JSON.stringify(JSON.parse(line), scrubText)}\n`,
      },
    },
    destination ?? pino.destination({ fd: 1, sync: true }),
  );
}

const levels = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;

/** A logger for the SDK, workflows and activities that writes to `log`, with their fields such as workflowId. */
export function sdkLogger(log: PinoLogger): Logger {
  const write = (level: SdkLevel, message: string, meta: LogMetadata = {}): void => {
    log[levels[level]](meta, message);
  };
  return {
    log: write,
    trace: (message, meta) => {
      write('TRACE', message, meta);
    },
    debug: (message, meta) => {
      write('DEBUG', message, meta);
    },
    info: (message, meta) => {
      write('INFO', message, meta);
    },
    warn: (message, meta) => {
      write('WARN', message, meta);
    },
    error: (message, meta) => {
      write('ERROR', message, meta);
    },
  };
}
