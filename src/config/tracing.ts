import type { Environment } from './environment.js';

/** The settings of OpenTelemetry that this software reads itself. Its SDK reads the others, such as OTEL_SERVICE_NAME. */
export type TracingConfiguration =
  /** Nothing is loaded, and nothing changes. */
  | { state: 'off' }
  /** Spans are asked for, but cannot be exported with these settings. A run is never refused for this. */
  | { state: 'unusable'; reason: string }
  | { state: 'on'; protocol: Protocol };

/** The encodings of OTLP over HTTP. */
export type Protocol = (typeof PROTOCOLS)[number];

const PROTOCOLS = ['http/protobuf', 'http/json'] as const;

const endpoints = ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'];
const protocols = ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL'];
const headers = ['OTEL_EXPORTER_OTLP_TRACES_HEADERS', 'OTEL_EXPORTER_OTLP_HEADERS'];

/**
 * Reads whether spans are exported: if an endpoint is set. The names are those of
 * https://opentelemetry.io/docs/specs/otel/protocol/exporter/.
 */
export function readTracing(environment: Environment): TracingConfiguration {
  const endpoint = firstOf(endpoints, environment);
  if (endpoint === null || isSwitchedOff(environment)) return { state: 'off' };
  const exporter = environment.text('OTEL_TRACES_EXPORTER');
  if (exporter !== null && exporter !== 'otlp') {
    return unusable('OTEL_TRACES_EXPORTER', 'expected otlp or none');
  }
  const url = URL.canParse(endpoint.value) ? new URL(endpoint.value) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    return unusable(endpoint.name, 'expected a URL that begins with https:// or http://');
  }
  if (url.username !== '' || url.password !== '') {
    return unusable(endpoint.name, 'cannot have a user or a password; use OTEL_EXPORTER_OTLP_HEADERS');
  }
  const given = firstOf(protocols, environment);
  const protocol = PROTOCOLS.find((one) => one === (given?.value ?? PROTOCOLS[0]));
  if (protocol === undefined) {
    return unusable(
      given?.name ?? '',
      `expected ${PROTOCOLS.join(' or ')}, which a collector has at port 4318; grpc is not supported`,
    );
  }
  return { state: 'on', protocol };
}

/** The values of the headers for the collector, as they are and decoded, which may be tokens. */
export function tracingSecrets(environment: Environment): string[] {
  const values = headers.flatMap((name) =>
    (environment.text(name) ?? '').split(',').map((header) => header.slice(header.indexOf('=') + 1).trim()),
  );
  return values.filter((value) => value !== '').flatMap((value) => [value, decoded(value)]);
}

function isSwitchedOff(environment: Environment): boolean {
  return (
    environment.text('OTEL_SDK_DISABLED')?.toLowerCase() === 'true' ||
    environment.text('OTEL_TRACES_EXPORTER') === 'none'
  );
}

function firstOf(names: readonly string[], environment: Environment): { name: string; value: string } | null {
  for (const name of names) {
    const value = environment.text(name);
    if (value !== null) return { name, value };
  }
  return null;
}

function unusable(setting: string, message: string): TracingConfiguration {
  return { state: 'unusable', reason: `${setting}: ${message}` };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
