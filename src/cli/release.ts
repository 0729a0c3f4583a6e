import { createRequire } from 'node:module';

const { version } = createRequire(import.meta.url)('sequence-failover/package.json') as { version: string };

/** The release of this software. */
export const RELEASE = version;
