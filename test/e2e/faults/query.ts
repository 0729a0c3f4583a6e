import pg from 'pg';

/** Connects. The end of the connection is no error, since the tests stop the servers. */
export async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client(url);
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** The rows of one statement. Each statement has its own connection, since the tests stop and start the servers. */
export async function query<R extends object = Record<string, unknown>>(
  url: string,
  text: string,
): Promise<R[]> {
  const client = await connect(url);
  try {
    return (await client.query<R>(text)).rows;
  } finally {
    await client.end();
  }
}
