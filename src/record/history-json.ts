import { createRequire } from 'node:module';
import proto from '@temporalio/proto';
import { patchProtobufRoot } from '@temporalio/proto/lib/patch-protobuf-root.js';

type IHistory = proto.temporal.api.history.v1.IHistory;

interface ProtoJson {
  fromJson: (type: unknown, json: unknown, options: { ignoreUnknownFields: boolean }) => IHistory;
  toJson: (type: unknown, message: unknown) => unknown;
}

// The SDK's own historyFromJSON and historyToJSON (1.24) throw "type must be a Type" if npm has installed protobufjs twice, for
// @temporalio/common and for @temporalio/proto, as it does if @grpc/proto-loader is installed. The copy that parses the
// JSON has to be the copy that made the types.
const require = createRequire(import.meta.url);
const { fromJson, toJson } = createRequire(require.resolve('@temporalio/proto'))(
  'protobufjs/ext/protojson.js',
) as ProtoJson;

const root = patchProtobufRoot(
  proto as unknown as { lookupType(name: string): unknown } & Record<string, unknown>,
);
const historyType = () => root.lookupType('temporal.api.history.v1.History');

/** Converts a history from the output of `temporal workflow show --output json --no-json-shorthand-payloads`, for the SDK's replay. */
export function historyFromJson(json: unknown): IHistory {
  return fromJson(historyType(), json, { ignoreUnknownFields: true });
}

/** Converts a history from a server into the form that the `temporal` command prints. */
export function historyToJson(history: IHistory): History {
  return toJson(historyType(), proto.temporal.api.history.v1.History.fromObject(history)) as History;
}

/** A payload in protobuf's JSON format: metadata and data in base64. */
export interface EncodedPayload {
  metadata?: Record<string, string>;
  data?: string;
}

/** An event in protobuf's JSON format. The key of its attributes depends on its type. */
export interface HistoryEvent {
  eventId: string;
  eventTime?: string;
  eventType: string;
  userMetadata?: { summary?: EncodedPayload };
  /** The caller as the server authenticated it: `temporal.api.common.v1.Principal`. */
  principal?: { type?: string; name?: string };
  [attributes: string]: unknown;
}

export interface History {
  events: HistoryEvent[];
}

/**
 * The attributes of an event of this type, such as `activityTaskScheduled`; undefined if the event has another type.
 *
 * @typeParam T the fields that the caller reads. Protobuf's JSON leaves out empty fields
 */
export function attributesOf<T extends object>(event: HistoryEvent, type: string): Partial<T> | undefined {
  return event[`${type}EventAttributes`] as Partial<T> | undefined;
}

/** The value of a JSON payload; null if there is no payload, or if it has another encoding, for example an encrypted one. */
export function decodePayload(payload: EncodedPayload | undefined): unknown {
  const encoding = decodeText(payload?.metadata?.['encoding'] ?? '');
  return encoding === 'json/plain' ? JSON.parse(decodeText(payload?.data ?? '')) : null;
}

/** The value of the first payload, such as the only argument of a step. */
export function firstPayload(payloads: { payloads?: EncodedPayload[] } | undefined): unknown {
  return decodePayload(payloads?.payloads?.[0]);
}

/** The value of the first payload, see {@link firstPayload}; also null for data that is not valid JSON, since a client can send anything. */
export function readablePayload(payloads: { payloads?: EncodedPayload[] } | undefined): unknown {
  try {
    return firstPayload(payloads);
  } catch {
    return null;
  }
}

function decodeText(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}
