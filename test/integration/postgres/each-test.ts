import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { TestServer, type TestDatabase } from './database.js';
import { TwoSides } from './two-sides.js';

interface Options {
  binaries?: string;
  settings?: Record<string, string>;
}

/** One server for the tests of this block, and for each test a database of its own. */
export function eachWithDatabase(
  options: Options,
  use: (database: TestDatabase, server: TestServer) => void,
): void {
  eachWith(options, (server) => server.database(), use);
}

/** One server for the tests of this block, and for each test two databases of its own, the sides of a pair. */
export function eachWithTwoSides(options: Options, use: (sides: TwoSides, server: TestServer) => void): void {
  eachWith(options, (server) => TwoSides.create({ primary: server, standby: server }), use);
}

function eachWith<T extends { drop(): Promise<void> }>(
  options: Options,
  make: (server: TestServer) => Promise<T>,
  use: (made: T, server: TestServer) => void,
): void {
  let server: TestServer;
  let made: T;
  beforeAll(async () => {
    server = await TestServer.start(options);
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    made = await make(server);
    use(made, server);
  });
  afterEach(() => made.drop());
}
