import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';
import { scrubbed } from './exported-span.js';

/** What becomes of the spans. */
export interface ExportLog {
  /** Spans could not be exported. Called once, until an export succeeds again. */
  failed(reason: string): void;
  recovered(): void;
}

/** Exports scrubbed spans by another exporter, and tells when that begins to fail and when it works again. */
export class WatchedExporter implements SpanExporter {
  readonly #exporter: SpanExporter;
  readonly #log: ExportLog;
  #isFailing = false;

  constructor(exporter: SpanExporter, log: ExportLog) {
    this.#exporter = exporter;
    this.#log = log;
  }

  export(spans: ReadableSpan[], callback: (result: ExportResult) => void): void {
    this.#exporter.export(spans.map(scrubbed), (result) => {
      this.#note(result);
      // The SDK would only report the error to a logger that it does not have.
      callback({ code: ExportResultCode.SUCCESS });
    });
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }

  forceFlush(): Promise<void> {
    return this.#exporter.forceFlush?.() ?? Promise.resolve();
  }

  #note({ code, error }: ExportResult): void {
    const failed = code !== ExportResultCode.SUCCESS;
    if (failed && !this.#isFailing) this.#log.failed(error?.message || error?.name || 'no answer');
    if (!failed && this.#isFailing) this.#log.recovered();
    this.#isFailing = failed;
  }
}
