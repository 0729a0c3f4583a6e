import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { until } from '../../../src/local/until.js';

/** A span as it arrives, with the name of its service. */
export interface ReceivedSpan {
  service: string;
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  status: { code?: number; message?: string };
  attributes: Record<string, unknown>;
  events?: unknown[];
}

interface Attribute {
  key: string;
  value: Record<string, unknown>;
}

/** ExportTraceServiceRequest of https://opentelemetry.io/docs/specs/otlp/, in JSON. */
interface Request {
  resourceSpans: {
    resource: { attributes: Attribute[] };
    scopeSpans: { spans: (Omit<ReceivedSpan, 'attributes'> & { attributes: Attribute[] })[] }[];
  }[];
}

/** A real OTLP receiver over HTTP. */
export class OtlpReceiver {
  readonly spans: ReceivedSpan[] = [];
  readonly headers: IncomingMessage['headers'][] = [];
  /** All bodies, to search for what must not be in them. */
  received = '';
  /** How it answers; null: never. */
  status: 200 | 403 | null = 200;

  private constructor(
    private readonly server: Server,
    /** OTEL_EXPORTER_OTLP_ENDPOINT */
    readonly endpoint: string,
  ) {}

  static async start(): Promise<OtlpReceiver> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const receiver = new OtlpReceiver(server, `http://127.0.0.1:${port}`);
    server.on('request', (request, response: ServerResponse) => {
      text(request).then(
        (body) => {
          receiver.#receive(request, body, response);
        },
        // The client has hung up.
        () => undefined,
      );
    });
    return receiver;
  }

  /** The settings that export to it, at once and as JSON. */
  get settings(): Record<string, string> {
    return {
      OTEL_EXPORTER_OTLP_ENDPOINT: this.endpoint,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_BSP_SCHEDULE_DELAY: '50',
    };
  }

  /** Waits for a span. */
  async span(name: string, isWanted: (span: ReceivedSpan) => boolean = () => true): Promise<ReceivedSpan> {
    const look = () => this.spans.find((span) => span.name === name && isWanted(span)) ?? false;
    return until(look, { interval: 50, what: `the span ${name}` });
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #receive(request: IncomingMessage, body: string, response: ServerResponse): void {
    this.received += body;
    this.headers.push(request.headers);
    if (request.headers['content-type'] === 'application/json') this.#read(JSON.parse(body) as Request);
    if (this.status !== null)
      response.writeHead(this.status, { 'content-type': 'application/json' }).end('{}');
  }

  #read({ resourceSpans }: Request): void {
    for (const { resource, scopeSpans } of resourceSpans) {
      const service = String(recordOf(resource.attributes)['service.name']);
      for (const span of scopeSpans.flatMap(({ spans }) => spans)) {
        this.spans.push({ ...span, service, attributes: recordOf(span.attributes) });
      }
    }
  }
}

function recordOf(attributes: Attribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
