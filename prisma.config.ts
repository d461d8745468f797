import { defineConfig } from 'prisma/config';

export default defineConfig({
  schema: 'prisma/schema',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env.DATABASE_URL ?? 'postgresql://none@127.0.0.1:1/none', shadowDatabaseUrl: process.env.SHADOW_DATABASE_URL },
});
