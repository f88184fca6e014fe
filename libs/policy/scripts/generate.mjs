// Writes deploy/governance/schemas/ from the decoders: npm run generate -w @tieout/policy
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { bundleSchemas } from '../dist/index.js';

const root = fileURLToPath(new URL('../../../deploy/governance/schemas/', import.meta.url));
const style = { ...(await resolveConfig(fileURLToPath(import.meta.url))), parser: 'json' };
rmSync(root, { recursive: true, force: true });
mkdirSync(root, { recursive: true });
for (const [file, schema] of Object.entries(bundleSchemas()))
  writeFileSync(root + file, await format(JSON.stringify(schema, null, 2), style));
