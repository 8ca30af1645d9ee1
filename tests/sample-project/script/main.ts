/** What a script of a user's project does with the client: searches, clicks, waits for an event, and ends. */
import { createClient, type Operation } from 'rankloop/client';
import { createSubscriptions } from 'rankloop/client/subscriptions';

interface Stats {
  sampleStats: { positive: number };
}
const StatsChanged: Operation<Stats, Record<string, never>> = { name: 'StatsChanged', text: 'subscription StatsChanged { sampleStats { positive } }' };

const url = process.argv[2] ?? 'http://localhost:4000';
const client = createClient({ url });
const subscriptions = createSubscriptions({ url });
const clicked = new Promise<number>((resolve) => {
  subscriptions.subscribe(StatsChanged, {}, ({ sampleStats }) => {
    if (sampleStats.positive > 0) resolve(sampleStats.positive);
  });
});

const { searchId, results } = await client.search({ query: 'heart' });
const [best] = results;
if (best) void client.recordClick({ searchId, documentId: best.document.id });
await client.flush();
console.log(JSON.stringify({ results: results.length, positive: await clicked }));
await subscriptions.close();
