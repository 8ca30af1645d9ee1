/** The playground's first tabs: what a newcomer would try, in the order of the story. */

/** Arguments stand in the query itself: GraphiQL does not show the variables of a default tab that opens first. */
export const GRAPHIQL_EXAMPLES: readonly { query: string }[] = [
  {
    query: `# 1. Search. Every result shown is recorded as a sample.
#    Copy a searchId and a document's id for the next tab.
#    A server with keys wants one under "Headers" below: { "authorization": "Bearer KEY" }
mutation Search {
  search(input: { query: "heart", limit: 10 }) {
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
  },
  {
    query: `# 2. Say what was clicked. Safe to retry: the same click counts once.
mutation RecordClick {
  recordClick(input: { searchId: "paste the searchId", documentId: "paste a document's id" }) {
    duplicate
    sample { position clicked clickCount settlesAt }
    sampleStats { total positive sinceLastTraining threshold untilTrigger waitingReason }
  }
}
`,
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
mutation UpdateSettings {
  updateOnlineLearningConfig(input: { trainingThreshold: 20, attributionWindowSeconds: 0 }) {
    config { trainingThreshold attributionWindowSeconds revision }
  }
}
`,
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
query Compare {
  learned: previewRanking(query: "heart", limit: 10) { ...Ranking }
  base: previewRanking(query: "heart", limit: 10, rankerId: "base") { ...Ranking }
}

fragment Ranking on RankingPreview {
  ranker { name }
  results { position score clickProbability document { id title } }
}
`,
  },
  {
    query: `# 8. Train now on everything stored, without waiting for the threshold;
#    then look at the latest runs (the button asks which of the two to run).
mutation Train {
  trainModel(input: { mode: OFFLINE }) {
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
  },
];
