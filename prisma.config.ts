/** Prisma's command line: where the schema is. `generate` needs no engine, yet asks for one; any executable will do (migrations are run by our own code). */
import { defineConfig } from 'prisma/config';

process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= process.execPath;

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
});
