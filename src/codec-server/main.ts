/** Decrypts payloads for the Temporal UI and command: `npm run codec-server`. */
import { readEncryptionKeys } from '../config/encryption-keys.js';
import { Environment } from '../config/environment.js';
import { describeListener, readListenAddress, readListener } from '../config/listeners.js';
import { ConfigurationError, Problems } from '../config/problems.js';
import { encryptionCodec } from '../worker/encryption-codec.js';
import { startCodecServer } from './codec-server.js';
import type { CodecServerOptions } from './codec-server.js';

const DEFAULT_PORT = 8889;
/** The UI of `temporal server start-dev`. */
const defaultOrigins = 'http://localhost:8233,http://127.0.0.1:8233';

function readOptions(): CodecServerOptions {
  const environment = new Environment(process.env);
  const problems = new Problems();
  const keys = readEncryptionKeys(environment, problems);
  const listener = readListener('CODEC_PORT', environment, problems) ?? {
    host: readListenAddress(environment),
    port: DEFAULT_PORT,
  };
  if (environment.text('ENCRYPTION_KEY') === null && environment.text('DECRYPTION_KEYS') === null) {
    problems.add('ENCRYPTION_KEY', 'not set; set it to the key of the workers, or set DECRYPTION_KEYS');
  }
  problems.throwIfAny();
  const origins = (environment.text('CODEC_ORIGINS') ?? defaultOrigins)
    .split(',')
    .map((origin) => origin.trim());
  return { codec: encryptionCodec(keys), listener, origins };
}

try {
  const options = readOptions();
  await startCodecServer(options);
  process.stdout.write(
    `Decoding at http://${describeListener(options.listener)} for ${options.origins.join(', ')} and the temporal command.\n`,
  );
} catch (error) {
  const misconfigured = error instanceof ConfigurationError;
  const reason = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${reason}\n${misconfigured ? 'Every setting is described in .env.example.\n' : ''}`);
  // EX_CONFIG of sysexits.h.
  process.exitCode = misconfigured ? 78 : 1;
}
