import { existsSync } from 'node:fs';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { ClientConnectConfig } from '@temporalio/envconfig';
import type { Environment } from './environment.js';
import type { Problems } from './problems.js';
import { Secret } from './secret.js';

/** The connection to Temporal. Its options may have an API key and a private key. */
export interface TemporalConfiguration {
  /** `host:port`. */
  address: string;
  namespace: string;
  connection: Secret<ClientConnectConfig['connectionOptions']>;
}

/**
 * Reads the same profile as the `temporal` command: `TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, `TEMPORAL_PROFILE`, `TEMPORAL_CONFIG_FILE`,
 * `TEMPORAL_API_KEY`, `TEMPORAL_TLS_…` and the file that the `temporal` CLI writes.
 * See https://docs.temporal.io/develop/environment-configuration.
 */
export function readTemporal(environment: Environment, problems: Problems): TemporalConfiguration {
  const configFile = environment.text('TEMPORAL_CONFIG_FILE');
  if (configFile !== null && !existsSync(configFile)) {
    // envconfig would use localhost if the file is missing.
    problems.add('TEMPORAL_CONFIG_FILE', `${configFile} does not exist`);
  }
  if (environment.text('TEMPORAL_TLS_DISABLE_HOST_VERIFICATION') !== null) {
    problems.add(
      'TEMPORAL_TLS_DISABLE_HOST_VERIFICATION',
      "Temporal's TypeScript SDK cannot do without it; set TEMPORAL_TLS_SERVER_NAME to the name in the certificate",
    );
  }
  let config: ClientConnectConfig = { connectionOptions: {} };
  try {
    config = loadClientConnectConfig({ overrideEnvVars: environment.all() });
  } catch (error) {
    problems.add(...describe(error, environment.text('TEMPORAL_PROFILE')));
  }
  const { connectionOptions, namespace } = config;
  return {
    address: connectionOptions.address ?? 'localhost:7233',
    namespace: namespace ?? 'default',
    connection: new Secret({ ...connectionOptions, address: connectionOptions.address ?? 'localhost:7233' }),
  };
}

/** Describes an error of envconfig without its message, which may quote the file and its API key. */
function describe(error: unknown, profile: string | null): [setting: string, message: string] {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code !== undefined) return ['TEMPORAL_*', `a file of the profile cannot be read (${code})`];
  if (message.startsWith('Profile '))
    return [
      'TEMPORAL_PROFILE',
      `the configuration file has no profile ${profile ?? 'default'}; temporal config list prints those that it has`,
    ];
  return ['TEMPORAL_*', "the profile cannot be read; test it with 'temporal operator cluster health'"];
}
