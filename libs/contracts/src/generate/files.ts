import { readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CATALOGUE } from '../catalogue.js';
import type { JsonSchema } from '../schemas.js';
import { asyncApi } from './asyncapi.js';
import type { PublishedCatalogue } from './catalogue-check.js';
import { renderCatalogue } from './catalogue-doc.js';
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

/** docs/contracts.md: where it stands, and what belongs there. */
export const catalogueDoc = (): { readonly file: string; readonly text: string } => ({
  file: fileURLToPath(new URL('../../../../docs/contracts.md', import.meta.url)),
  text: renderCatalogue(CATALOGUE),
});

const CATALOGUE_FILE = 'catalogue.json';

/** What published/ holds: the promise that a change is measured by. */
export const readPublished = (): { readonly schemas: Record<string, JsonSchema>; readonly catalogue: PublishedCatalogue } => {
  const { [CATALOGUE_FILE]: catalogue = {}, ...schemas } = readFolder(folder('published'));
  return { schemas: schemas as Record<string, JsonSchema>, catalogue: catalogue as PublishedCatalogue };
};

/** What published/ is to hold once a change is published. */
export const publishedFiles = (): Record<string, unknown> => ({
  ...currentSchemas(),
  [CATALOGUE_FILE]: Object.fromEntries(CATALOGUE.map(({ id, status }) => [id, status])),
});

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
