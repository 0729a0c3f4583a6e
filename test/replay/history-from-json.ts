import { createRequire } from 'node:module';
import proto from '@temporalio/proto';
import { patchProtobufRoot } from '@temporalio/proto/lib/patch-protobuf-root.js';

interface ProtoJson {
  fromJson: (
    type: unknown,
    json: unknown,
    options: { ignoreUnknownFields: boolean },
  ) => proto.temporal.api.history.v1.IHistory;
}

// The SDK's own historyFromJSON (1.24) throws "type must be a Type" where npm has installed protobufjs once for
// @temporalio/common and once more for @temporalio/proto, as it does beside @grpc/proto-loader: the copy that reads the
// JSON has to be the one that made the types.
const require = createRequire(import.meta.url);
const { fromJson } = createRequire(require.resolve('@temporalio/proto'))(
  'protobufjs/ext/protojson.js',
) as ProtoJson;

const root = patchProtobufRoot(
  proto as unknown as { lookupType(name: string): unknown } & Record<string, unknown>,
);

/** A history as `temporal workflow show --output json --no-json-shorthand-payloads` prints it, for the SDK's replay. */
export function historyFromJson(json: unknown): proto.temporal.api.history.v1.IHistory {
  return fromJson(root.lookupType('temporal.api.history.v1.History'), json, { ignoreUnknownFields: true });
}
