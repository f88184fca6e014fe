// Compares generated/ and the catalogue with published/: npm run compatibility -w @tieout/contracts
// With --publish (npm run publish-contracts), what is compatible becomes what is published.
import { CATALOGUE } from '../dist/catalogue.js';
import { brokenContracts } from '../dist/generate/catalogue-check.js';
import { explain } from '../dist/generate/compatibility.js';
import { currentSchemas, folder, publishedFiles, readPublished } from '../dist/generate/files.js';
import { writeFolder } from './write-json.mjs';

const schemas = currentSchemas();
const today = new Date().toISOString().slice(0, 10);
const changes = brokenContracts({ published: readPublished(), schemas, catalogue: CATALOGUE, today });
if (changes.length > 0) {
  console.error(explain(changes));
  process.exit(1);
}
if (process.argv.includes('--publish')) await writeFolder(folder('published'), publishedFiles());
console.log(`${Object.keys(schemas).length} contracts keep what is published`);
