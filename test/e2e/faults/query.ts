import pg from 'pg';

/** A connection whose end, with its server's, is no error. */
export async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client(url);
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** Rows of one statement, by a connection of its own: the servers come and go here. */
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
