import { createRequire } from 'node:module';
import proto from '@temporalio/proto';
import { patchProtobufRoot } from '@temporalio/proto/lib/patch-protobuf-root.js';

type IHistory = proto.temporal.api.history.v1.IHistory;

interface ProtoJson {
  fromJson: (type: unknown, json: unknown, options: { ignoreUnknownFields: boolean }) => IHistory;
  toJson: (type: unknown, message: unknown) => unknown;
}

// The SDK's own historyFromJSON and historyToJSON (1.24) throw "type must be a Type" where npm has installed protobufjs once for
// @temporalio/common and once more for @temporalio/proto, as it does beside @grpc/proto-loader: the copy that reads the
// JSON has to be the one that made the types.
const require = createRequire(import.meta.url);
const { fromJson, toJson } = createRequire(require.resolve('@temporalio/proto'))(
  'protobufjs/ext/protojson.js',
) as ProtoJson;

const root = patchProtobufRoot(
  proto as unknown as { lookupType(name: string): unknown } & Record<string, unknown>,
);
const historyType = () => root.lookupType('temporal.api.history.v1.History');

/** A history as `temporal workflow show --output json --no-json-shorthand-payloads` prints it, for the SDK's replay. */
export function historyFromJson(json: unknown): IHistory {
  return fromJson(historyType(), json, { ignoreUnknownFields: true });
}

/** A history that a server answered, in the form in which the `temporal` command prints it. */
export function historyToJson(history: IHistory): History {
  return toJson(historyType(), proto.temporal.api.history.v1.History.fromObject(history)) as History;
}

/** A payload as protobuf's JSON writes it: metadata and data in base64. */
export interface EncodedPayload {
  metadata?: Record<string, string>;
  data?: string;
}

/** An event as protobuf's JSON writes it; its attributes are under a key of its type. */
export interface HistoryEvent {
  eventId: string;
  eventTime?: string;
  eventType: string;
  userMetadata?: { summary?: EncodedPayload };
  [attributes: string]: unknown;
}

export interface History {
  events: HistoryEvent[];
}

/**
 * The attributes of an event of this type, such as `activityTaskScheduled`; undefined for one of another type.
 *
 * @typeParam T the fields that the caller reads, each of which protobuf's JSON leaves out where it is empty
 */
export function attributesOf<T extends object>(event: HistoryEvent, type: string): Partial<T> | undefined {
  return event[`${type}EventAttributes`] as Partial<T> | undefined;
}

/** The value of a JSON payload; null where there is none, or it is of another encoding, such as an encrypted one. */
export function decodePayload(payload: EncodedPayload | undefined): unknown {
  const encoding = decodeText(payload?.metadata?.['encoding'] ?? '');
  return encoding === 'json/plain' ? JSON.parse(decodeText(payload?.data ?? '')) : null;
}

/** The first of several payloads, such as the one argument of a step. */
export function firstPayload(payloads: { payloads?: EncodedPayload[] } | undefined): unknown {
  return decodePayload(payloads?.payloads?.[0]);
}

function decodeText(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}
