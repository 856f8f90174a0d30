/** Prisma's client is generated from a schema; here into the project, since it imports Prisma's runtime. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';

const SCHEMA = `generator client {
  provider = "prisma-client"
  output = "./client"
  importFileExtension = "ts"
}
datasource db {
  provider = "postgresql"
}
model Customer {
  id      Int     @id @default(autoincrement())
  name    String
  email   String
  balance Int
  orders  Order[]
  @@map("customers")
}
model Order {
  id         Int      @id @default(autoincrement())
  customerId Int      @map("customer_id")
  status     String
  total      Int
  placedAt   DateTime @map("placed_at") @db.Timestamptz
  customer   Customer @relation(fields: [customerId], references: [id])
  @@map("orders")
}
`;

/** Resolves with a directory, to be removed afterwards, and the module's path in it. */
export async function generatePrismaClient(): Promise<{
  readonly directory: string;
  readonly module: string;
}> {
  const root = join(import.meta.dirname, '../../var');
  mkdirSync(root, { recursive: true });
  const directory = mkdtempSync(join(root, 'bench-prisma-'));
  const file = join(directory, 'schema.prisma');
  writeFileSync(file, SCHEMA);
  const cli = createRequire(import.meta.url).resolve('prisma/build/index.js');
  // Naming an engine that generating does not run keeps it from downloading one.
  const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' };
  await promisify(execFile)(process.execPath, [cli, 'generate', '--schema', file], { env, cwd: directory });
  return { directory, module: join(directory, 'client/client.ts') };
}
