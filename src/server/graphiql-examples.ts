/** The playground's first tabs: what a newcomer would try, in the order of the story. */

export interface ExampleTab {
  query: string;
  variables?: string;
}

export const GRAPHIQL_EXAMPLES: readonly ExampleTab[] = [
  {
    query: `# 1. Search. Every result shown is recorded as a sample.
#    Copy a searchId and a document's id for the next tab.
mutation Search($input: SearchInput!) {
  search(input: $input) {
    searchId
    totalMatches
    ranker { id name }
    results {
      position
      basePosition
      clickProbability
      document { id title }
    }
  }
}
`,
    variables: json({ input: { query: 'heart', limit: 10 } }),
  },
  {
    query: `# 2. Say what was clicked. Safe to retry: the same click counts once.
mutation RecordClick($input: RecordClickInput!) {
  recordClick(input: $input) {
    duplicate
    sample { position clicked clickCount settlesAt }
    sampleStats { total positive sinceLastTraining threshold untilTrigger waitingReason }
  }
}
`,
    variables: json({ input: { searchId: 'paste a searchId here', documentId: 'paste a document id of that search here' } }),
  },
  {
    query: `# 3. How learning is set up.
query Settings {
  onlineLearningConfig {
    enabled
    trainingThreshold
    checkpointRetention
    modelPrefix
    modelType
    attributionWindowSeconds
    explorationRate
    minSecondsBetweenRuns
    revision
  }
  sampleStats { total positive negative clickRate sinceLastTraining threshold untilTrigger waitingReason }
}
`,
  },
  {
    query: `# 4. Change it; what is left out stays. Takes effect at once.
mutation UpdateSettings($input: UpdateOnlineLearningConfigInput!) {
  updateOnlineLearningConfig(input: $input) {
    config { trainingThreshold attributionWindowSeconds revision }
  }
}
`,
    variables: json({ input: { trainingThreshold: 20, attributionWindowSeconds: 0 } }),
  },
  {
    query: `# 5. Live: leave it running, and search and click in the other tabs.
subscription LiveSamples {
  sampleStats { total positive sinceLastTraining untilTrigger waitingReason updatedAt }
}
`,
  },
  {
    query: `# 6. Live: each time a new model begins to serve.
subscription LiveModels {
  modelReloaded {
    reason
    at
    ranker { id name }
    previous { name }
    checkpoint { number path metrics { samples logLoss auc } }
  }
}
`,
  },
  {
    query: `# 7. What learning changed: one query, ranked twice, nothing recorded.
query Compare($query: String!) {
  learned: previewRanking(query: $query, limit: 10) { ...Ranking }
  base: previewRanking(query: $query, limit: 10, rankerId: "base") { ...Ranking }
}

fragment Ranking on RankingPreview {
  ranker { name }
  results { position score clickProbability document { id title } }
}
`,
    variables: json({ query: 'heart' }),
  },
  {
    query: `# 8. Train now on everything stored, without waiting for the threshold.
mutation Train($input: TrainModelInput!) {
  trainModel(input: $input) {
    run { id mode modelType status samples }
  }
}

query Runs {
  trainingRuns(first: 5) {
    edges {
      node {
        id
        mode
        trigger
        status
        samples
        durationMs
        reason
        checkpoint { name active metrics { logLoss auc } }
      }
    }
  }
}
`,
    variables: json({ input: { mode: 'OFFLINE' } }),
  },
];

function json(variables: Record<string, unknown>): string {
  return JSON.stringify(variables, null, 2);
}
