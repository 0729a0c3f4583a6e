import { Client, Connection } from '@temporalio/client';
import { expect, it, onTestFinished } from 'vitest';
import { askUntilAnswered } from '../../../src/cli/follow/ask-until-answered.js';

const address = '127.0.0.1:1';

function unconnectedClient(): Client {
  const connection = Connection.lazy({ address });
  onTestFinished(() => connection.close());
  return new Client({ connection });
}

const ask = <T>(client: Client, question: () => Promise<T>) =>
  askUntilAnswered(client, { address, namespace: 'default', codecs: [] }, question, {
    ...{ onTrouble: () => undefined, limit: undefined, within: 50 },
  });

it('does not warn of a leak, however often it asks, and whatever one question takes', async () => {
  const client = unconnectedClient();
  const warnings: string[] = [];
  const note = ({ name, message }: Error) => warnings.push(`${name}: ${message}`);
  process.on('warning', note);
  onTestFinished(() => void process.off('warning', note));
  const call = () => client.workflowService.getSystemInfo({}).catch((error: unknown) => String(error));

  const refused = await ask(client, () => Promise.all(Array.from({ length: 12 }, call)));
  expect(refused[0]).toContain('DEADLINE_EXCEEDED');
  for (let time = 1; time <= 12; time += 1) await ask(client, call);
  expect(warnings).toEqual([]);
});
