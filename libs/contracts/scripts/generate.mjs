// Writes generated/ from the compiled classes: npm run generate -w @tieout/contracts
import 'reflect-metadata';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { contractSchemas, schemaFile } from '../dist/generate/json-schema.js';

const root = fileURLToPath(new URL('../generated/', import.meta.url));

const write = (file, value) => {
  mkdirSync(dirname(root + file), { recursive: true });
  writeFileSync(root + file, `${JSON.stringify(value, null, 2)}\n`);
};

rmSync(root, { recursive: true, force: true });
for (const [kind, schemas] of Object.entries(contractSchemas()))
  for (const [type, schema] of Object.entries(schemas)) write(schemaFile(kind, type), schema);
