// Writes generated/ from the compiled classes: npm run generate -w @tieout/contracts
import { folder, generatedFiles } from '../dist/generate/files.js';
import { writeFolder } from './write-json.mjs';

await writeFolder(folder('generated'), generatedFiles());
