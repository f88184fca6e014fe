// Writes generated/ and docs/contracts.md from the compiled classes: npm run generate -w @tieout/contracts
import { writeFileSync } from 'node:fs';
import { catalogueDoc, folder, generatedFiles } from '../dist/generate/files.js';
import { writeFolder } from './write-json.mjs';

await writeFolder(folder('generated'), generatedFiles());
const { file, text } = catalogueDoc();
writeFileSync(file, text);
