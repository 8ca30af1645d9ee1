/** A small catalogue whose hearts all match alike, so that only clicks can order them, and a crowd of one that loves the last. */
import type { ApiClient } from '../support/api-client.js';

const colours = ['red', 'orange', 'yellow', 'green', 'blue', 'purple', 'brown', 'black', 'white', 'pink', 'grey', 'golden'];

export async function importHearts(client: ApiClient): Promise<void> {
  const documents = colours.map((colour) => ({ id: colour, title: `${colour} heart`, body: `A heart, ${colour} as can be.` }));
  await client.query('mutation ($input: ImportDocumentsInput!) { importDocuments(input: $input) { imported } }', { input: { documents } });
}

/** Every search settles after a second, when its click has come, and few samples make a training. */
export async function learnQuickly(client: ApiClient, trainingThreshold = 20): Promise<void> {
  const input = { trainingThreshold, attributionWindowSeconds: 1, minSecondsBetweenRuns: 0, explorationRate: 0, proofRate: 0 };
  await client.query('mutation ($input: UpdateOnlineLearningConfigInput!) { updateOnlineLearningConfig(input: $input) { config { revision } } }', { input });
}

/** Searches as other users do, and clicks one document each time. */
export async function searchAndClick(client: ApiClient, times: number, documentId: string): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    const { search } = await client.query('mutation ($input: SearchInput!) { search(input: $input) { searchId } }', { input: { query: 'heart', limit: colours.length } });
    await client.query('mutation ($input: RecordClickInput!) { recordClick(input: $input) { duplicate } }', { input: { searchId: search.searchId, documentId } });
  }
}

/** Hearts, and a model that has learned from a crowd of one which it should come first. */
export async function learnHearts(client: ApiClient): Promise<void> {
  await importHearts(client);
  await learnQuickly(client, 40);
  const log = await client.subscribe('subscription { modelReloaded { reason } }');
  await searchAndClick(client, 12, 'white');
  await log.next((event) => event.modelReloaded.reason === 'TRAINED');
}
