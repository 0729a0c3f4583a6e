import pg from 'pg';

/** Rows of one statement, by a connection of its own: the servers come and go here. */
export async function query<R extends object = Record<string, unknown>>(
  url: string,
  text: string,
): Promise<R[]> {
  const client = new pg.Client(url);
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<R>(text)).rows;
  } finally {
    await client.end();
  }
}
