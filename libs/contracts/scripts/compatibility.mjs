// Compares generated/ with published/: npm run compatibility -w @tieout/contracts
// With --publish (npm run publish-contracts), what is compatible becomes what is published.
import { breakingChanges, explain } from '../dist/generate/compatibility.js';
import { currentSchemas, folder, readFolder } from '../dist/generate/files.js';
import { writeFolder } from './write-json.mjs';

const current = currentSchemas();
const changes = breakingChanges(readFolder(folder('published')), current);
if (changes.length > 0) {
  console.error(explain(changes));
  process.exit(1);
}
if (process.argv.includes('--publish')) await writeFolder(folder('published'), current);
console.log(`${Object.keys(current).length} contracts keep what is published`);
