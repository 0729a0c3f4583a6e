import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { z } from 'zod';
import type { Listener } from '../config/listeners.js';

export interface CodecServerOptions {
  codec: PayloadCodec;
  listener: Listener;
  /** Origins of the web pages that may call it, such as http://localhost:8233 for the UI of a development server. */
  origins: readonly string[];
}

/** The largest request, in bytes: more than a page of the UI or an input of the command needs. */
const LONGEST_BODY = 32 * 1024 * 1024;

/** Payloads in protobuf's JSON format: bytes in base64, empty fields left out. */
const bytes = z.string().transform((base64) => Buffer.from(base64, 'base64'));
const body = z.object({
  payloads: z
    .array(
      z.object({ metadata: z.record(z.string(), bytes).default({}), data: bytes.default(Buffer.alloc(0)) }),
    )
    .default([]),
});

/**
 * Encodes and decodes payloads for the Temporal UI and the `temporal` command, by their HTTP protocol: POST /encode, POST
 * /decode. https://docs.temporal.io/codec-server
 *
 * Everybody who reaches it can read every payload. So run it on the machine of the person who reads, or behind a proxy that
 * authenticates users. It answers only web pages from `origins`.
 *
 * @throws Error if the port is in use
 */
export async function startCodecServer({ codec, listener, origins }: CodecServerOptions): Promise<Server> {
  const server = createServer((request, response) => {
    answer(request, response, codec, origins).catch((error: unknown) => {
      const { status, message } =
        error instanceof RequestError ? error : { status: 500, message: 'the codec failed' };
      if (!response.headersSent) response.writeHead(status, { 'content-type': 'text/plain' });
      response.end(`${message}\n`);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(listener.port, listener.host, resolve);
  });
  return server;
}

class RequestError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  codec: PayloadCodec,
  origins: readonly string[],
): Promise<void> {
  const { origin } = request.headers;
  if (origin !== undefined) {
    if (!origins.includes(origin)) {
      throw new RequestError(
        403,
        `web pages of ${origin} are not allowed to call the codec server; to allow them, add ${origin} to CODEC_ORIGINS`,
      );
    }
    response.setHeader('access-control-allow-origin', origin);
    response.setHeader('vary', 'origin');
    response.setHeader('access-control-allow-methods', 'POST, OPTIONS');
    response.setHeader('access-control-allow-headers', 'content-type, x-namespace, authorization');
  }
  if (request.method === 'OPTIONS') {
    response.writeHead(204).end();
    return;
  }
  // A UI may be configured to put its namespace in front of the path.
  const path = /\/(encode|decode)$/.exec(request.url?.split('?')[0] ?? '');
  if (path === null) throw new RequestError(404, 'there are /encode and /decode');
  if (request.method !== 'POST') throw new RequestError(405, 'use POST');
  const payloads = await readPayloads(request);
  const done = path[1] === 'encode' ? await codec.encode(payloads) : await decodeEach(codec, payloads);
  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify({ payloads: done.map(toJson) }));
}

/** A payload that cannot be decoded is returned unchanged, so that the other payloads can still be read. */
function decodeEach(codec: PayloadCodec, payloads: Payload[]): Promise<Payload[]> {
  return Promise.all(
    payloads.map(async (payload) => {
      try {
        const [decoded] = await codec.decode([payload]);
        return decoded ?? payload;
      } catch {
        return payload;
      }
    }),
  );
}

async function readPayloads(request: IncomingMessage): Promise<Payload[]> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > LONGEST_BODY) throw new RequestError(413, `at most ${LONGEST_BODY} bytes`);
    chunks.push(chunk);
  }
  const parsed = body.safeParse(parseJson(Buffer.concat(chunks).toString('utf8')));
  if (!parsed.success) throw new RequestError(400, 'expected {"payloads": [{"metadata": {…}, "data": "…"}]}');
  return parsed.data.payloads;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function toJson({ metadata, data }: Payload): object {
  return {
    metadata: Object.fromEntries(
      Object.entries(metadata ?? {}).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
    ),
    data: Buffer.from(data ?? []).toString('base64'),
  };
}
