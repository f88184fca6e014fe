import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build, setUp } from './prepare.mjs';
import { execute, nx, packageScript, ROOT } from './processes.mjs';
import { sumOutput, sumReports } from './reports.mjs';
import { step, StepFailed } from './steps.mjs';

const REPORTS = join(ROOT, '.tieout', 'reports');
const E2E = join(ROOT, '.tieout', 'e2e');

/** @typedef {import('./reports.mjs').Sum} Sum */

/**
 * Everything that must hold before a change goes in. The last line is `N passed, N failed`.
 * @returns {Promise<number>} the exit code
 */
export async function runTests() {
  const start = performance.now();
  const total = /** @type {Sum} */ ({ passed: 0, failed: 0, problems: [] });
  try {
    const node = await setUp();
    mkdirSync(REPORTS, { recursive: true });
    for (const [name, run] of steps(node)) add(total, await counted(name, run));
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    add(total, { passed: 0, failed: 1, problems: [error.message] });
  }
  const minutes = ((performance.now() - start) / 60_000).toFixed(1);
  console.log(`\n== ${total.failed ? 'failed' : 'passed'} in ${minutes} min`);
  for (const problem of total.problems) console.log(`   FAILED ${problem}`);
  console.log(`${total.passed} passed, ${total.failed} failed`);
  return total.failed > 0 ? 1 : 0;
}

/**
 * @param {Sum} total
 * @param {Sum} more
 */
function add(total, more) {
  total.passed += more.passed;
  total.failed += more.failed;
  total.problems.push(...more.problems);
}

/**
 * @param {string} node
 * @returns {[string, () => Promise<Sum>][]}
 */
function steps(node) {
  const script = (/** @type {string} */ file, /** @type {string[]} */ ...args) =>
    execute(node, [packageScript(file), ...args], { node });
  const prettier = ['--check', '--log-level=warn', '--cache', '--cache-location=.tieout/prettier-cache', '.'];
  return [
    ['format', () => check('format', script('prettier/bin/prettier.cjs', ...prettier), 'npm run format')],
    ['lint', () => check('lint', nx(node, ['run-many', '-t', 'lint', '--parallel=2']), 'npm run lint')],
    ['dead code', () => check('dead code', script('knip/bin/knip.js', '--no-progress'), 'npm run dead-code')],
    ['build', () => check('build', buildResult(node), 'npm run build')],
    ['unit tests', () => testTarget(node, 'test', 'unit', 2)],
    // One at a time: each starts a PostgreSQL and nats-servers, and two cores are soon too few for tests that wait for conditions.
    ['integration tests', () => testTarget(node, 'test-int', 'int', 1)],
    ['end to end with the sandbox', () => endToEnd(node)],
  ];
}

/**
 * @param {string} name
 * @param {() => Promise<Sum>} run
 */
function counted(name, run) {
  return step(name, async () => {
    const sum = await run();
    console.log(`   ${name}: ${sum.passed} passed, ${sum.failed} failed`);
    return sum;
  });
}

/**
 * A step that either holds or not.
 * @param {string} name
 * @param {Promise<{ code: number, output: string }>} running
 * @param {string} remedy
 * @returns {Promise<Sum>}
 */
async function check(name, running, remedy) {
  const { code, output } = await running;
  if (code === 0) return { passed: 1, failed: 0, problems: [] };
  console.log(output.trim());
  return { passed: 0, failed: 1, problems: [`${name} (exit code ${code}): see above. Run: ${remedy}`] };
}

/** @param {string} node */
async function buildResult(node) {
  try {
    await build(node);
    return { code: 0, output: '' };
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    return { code: 1, output: error.message };
  }
}

/**
 * @param {string} node
 * @param {string} target
 * @param {string} kind
 * @param {number} parallel
 */
async function testTarget(node, target, kind, parallel) {
  // Nx brings the reports of cached results back; what an older run left must not count.
  for (const name of readdirSync(REPORTS)) if (name.endsWith(`.${kind}.json`)) rmSync(join(REPORTS, name));
  const { code, output } = await nx(node, ['run-many', '-t', target, `--parallel=${parallel}`]);
  if (code !== 0) console.log(output.trim());
  return sumReports(await expectedReports(node, target, kind), code === 0);
}

/**
 * @param {string} node
 * @param {string} target
 * @param {string} kind
 */
async function expectedReports(node, target, kind) {
  const { code, output } = await nx(node, ['show', 'projects', '--with-target', target, '--json']);
  if (code !== 0) throw new StepFailed(`${output}\nnx cannot list the projects. Run: npx nx show projects`);
  const projects = /** @type {string[]} */ (JSON.parse(output.slice(output.indexOf('['))));
  return projects.map((project) => join(REPORTS, `${project}.${kind}.json`));
}

/**
 * The real processes with the sandbox systems, on data of its own and from an empty start.
 * @param {string} node
 * @returns {Promise<Sum>}
 */
async function endToEnd(node) {
  const main = join(ROOT, 'tools/local/dist/main.js');
  if (!existsSync(main)) return { passed: 0, failed: 1, problems: ['end to end: tools/local is not built'] };
  const { code, output } = await execute(node, [main, '--once', '--reset', '--data-dir', E2E], { node, show: true });
  return sumOutput(output, code);
}
