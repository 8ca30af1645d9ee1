/** What --help says below the options: examples, and what one must know to use them. */

export const OVERVIEW = `
Commands but start and demo talk to a running server: http://localhost:4000 unless --url or RANKLOOP_URL says otherwise,
with the key of --key or RANKLOOP_KEY where the server has keys.

Examples:
  $ rankloop start                                       the server, its data in this folder
  $ rankloop import products.csv --map id=sku,title=name documents from a file
  $ rankloop status                                      what serves, how far the next training is
  $ rankloop train                                       a model from everything stored
  $ rankloop rollback --reason "strange results"         back to what served before
  $ rankloop export samples --clicked --out clicks.csv   what was clicked

Exit codes:
  0  done
  1  failed; stderr says why
  2  the command was not understood, or does not fit the file
  3  the server was not reached, or stayed away
  4  import: good rows are stored, bad rows were reported
  5  train: the new model did not pass the checks     6  the run failed     7  the run was cancelled
  130, 143  stopped by Ctrl-C, by SIGTERM
`;

export const START = `
Its data lie in the current folder: .rankloop (PostgreSQL) and models (checkpoints); started there again, it goes on from them.

Settings come from the environment:
  PORT                 4000
  HOST                 127.0.0.1
  DATABASE_URL         a PostgreSQL of your own instead of the embedded one
  RANKLOOP_DATA_DIR    .rankloop
  RANKLOOP_MODELS_DIR  models
  RANKLOOP_LANGUAGE    english
The README has the whole table.

Example:
  $ PORT=8080 rankloop start
`;

export const IMPORT = `
Columns: id and title are needed, body is searched too; all others are kept as attributes, which only you read. A column
"attributes" with a JSON object in it gives its entries, as exports write them.

Bad rows are reported on stderr as FILE:LINE: REASON, and left out; the good ones are stored, and the exit code is 4.

Interrupted, or its server lost, the same command goes on where it was: the place is kept beside the file, in
.FILE.rankloop-import.json, as long as file, mapping and server are the same. Rows may be sent twice then, which changes
nothing: a document replaces the one with its id.

Examples:
  $ rankloop import products.jsonl
  $ rankloop import products.csv --map id=sku,title=name,body=description
  $ rankloop import products.csv --attributes brand,price
  $ zcat products.csv.gz | rankloop import - --format csv
`;

export const EXPORT = `
Both are read page by page and written no faster than the reader takes them. CSV cells with objects hold JSON.

Examples:
  $ rankloop export documents --out catalogue.jsonl
  $ rankloop export samples --clicked --after 2026-11-01 --out clicks.csv
  $ rankloop export samples --query heart | head -100
`;

export const TRAIN = `
Exit codes: 0 a new model (or, with --no-wait, a run that has begun); 5 it did not pass the checks; 6 the run failed;
7 it was cancelled. Ctrl-C ends the waiting, not the run.

Examples:
  $ rankloop train
  $ rankloop train --model incremental --no-activate
`;

export const ROLLBACK = `
On a terminal it asks first; elsewhere it wants --yes.

Examples:
  $ rankloop rollback --reason "strange results for shoes"
  $ rankloop rollback --yes
`;

export const STATUS = `
Exit code: 0 when the server answers, 3 when it is not reached.

Examples:
  $ rankloop status
  $ rankloop status --json | jq .sampleStats.untilTrigger
`;
