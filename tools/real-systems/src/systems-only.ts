import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startSystems } from './systems/start-systems.js';

/** Starts the two systems and leaves them up until interrupted: for trying a connector by hand. */
const root = fileURLToPath(new URL('../../..', import.meta.url));
const started = Date.now();
const systems = await startSystems({
  folder: join(root, '.tieout/real'),
  assets: fileURLToPath(new URL('../assets', import.meta.url)),
  say: (text) => console.log(`${((Date.now() - started) / 1000).toFixed(1).padStart(6)} s  ${text}`),
});
const { redmine, tryton } = systems;
console.log(
  JSON.stringify({
    redmine: {
      url: redmine.url,
      key: redmine.key,
      approvalField: redmine.approvalField,
      employeeField: redmine.employeeField,
      activities: redmine.activities,
    },
    tryton: { url: tryton.url, database: tryton.database, user: tryton.user, password: tryton.password },
  }),
);
const end = (): void => {
  void systems.stop().then(() => process.exit(0));
};
process.once('SIGINT', end);
process.once('SIGTERM', end);
setInterval(() => undefined, 60_000);
