import { loaderSettings } from './config.js';
import { expectedCounts } from './demo-firm.js';
import { loadDemoFirm } from './demo/load-demo-firm.js';

const settings = loaderSettings();
try {
  const firm = await loadDemoFirm(settings);
  console.log(
    JSON.stringify({ today: firm.today, entries: firm.entries.length, files: firm.files.length, ...expectedCounts(firm) }),
  );
} catch (error) {
  console.error(`the demo firm could not be loaded: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
