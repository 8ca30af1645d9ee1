/** The columns of exported CSV files; objects are JSON in their cell, which `import` reads again. */
import type { ExportedDocument, ExportedSample } from './pages.js';

export const DOCUMENT_COLUMNS = ['id', 'title', 'body', 'attributes'] as const satisfies readonly (keyof ExportedDocument)[];

export const SAMPLE_COLUMNS = [
  'searchId',
  'position',
  'query',
  'documentId',
  'clicked',
  'clickCount',
  'shownAt',
  'clickedAt',
  'settlesAt',
  'settled',
  'learned',
  'basePosition',
  'baseScore',
  'score',
  'clickProbability',
  'propensity',
  'rankerId',
  'explored',
  'interleaved',
  'team',
  'userId',
  'sessionId',
  'features',
] as const satisfies readonly (keyof ExportedSample)[];
