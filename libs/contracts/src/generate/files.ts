import { readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { JsonSchema } from '../schemas.js';
import { asyncApi } from './asyncapi.js';
import { contractSchemas, schemaFile, type ContractKind } from './json-schema.js';

/** The package's folder, from src/generate/ as from dist/generate/. */
export const folder = (name: 'generated' | 'published' | 'samples'): string =>
  fileURLToPath(new URL(`../../${name}/`, import.meta.url));

/** Every schema by file name, from the classes as they are now. */
export const currentSchemas = (): Record<string, JsonSchema> =>
  Object.fromEntries(
    Object.entries(contractSchemas()).flatMap(([kind, schemas]) =>
      Object.entries(schemas).map(([type, schema]) => [schemaFile(kind as ContractKind, type), schema]),
    ),
  );

/** Everything that belongs into generated/. */
export const generatedFiles = (): Record<string, unknown> => ({ ...currentSchemas(), 'asyncapi.json': asyncApi() });

/** Every JSON file below a folder, by its path there. */
export function readFolder(root: string, below = ''): Record<string, unknown> {
  return Object.fromEntries(
    readdirSync(root + below).flatMap((name) => {
      const file = below + name;
      if (statSync(root + file).isDirectory()) return Object.entries(readFolder(root, `${file}/`));
      return name.endsWith('.json') ? [[file, JSON.parse(readFileSync(root + file, 'utf8')) as unknown]] : [];
    }),
  );
}
