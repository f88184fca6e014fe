import { whyInstall } from './dependencies.mjs';
import { advice, candidates, firstThatServes } from './node.mjs';
import { execute, nx, ROOT } from './processes.mjs';
import { step, StepFailed } from './steps.mjs';

/**
 * Dependencies, Node and a build: everything that a tool needs.
 * @returns {Promise<string>} the Node to run it on
 */
export async function prepare() {
  const node = await setUp();
  await step('build', () => build(node));
  return node;
}

/** @returns {Promise<string>} the Node to go on with */
export function setUp() {
  return step('set-up', async () => {
    const why = whyInstall(ROOT);
    if (why) {
      console.log(`   ${why}: npm ci (some minutes when nothing is cached)`);
      await install();
    }
    const node = firstThatServes(candidates(ROOT));
    if (!node) throw new StepFailed(advice());
    console.log(`   Node ${node.version} (${node.path})`);
    return node.path;
  });
}

/** @param {string} node */
export async function build(node) {
  const { code, output } = await nx(node, ['run-many', '-t', 'build']);
  if (code !== 0)
    throw new StepFailed(
      `${output.trim()}\n\nThe build failed: see above. Mend that, then run the command again. (Build alone: npm run build)`,
    );
}

async function install() {
  // npm is a script for the shell on Windows.
  const { code, output } = await execute('npm', ['ci', '--no-audit', '--no-fund'], { shell: process.platform === 'win32' });
  if (code === 0) return;
  // The cause comes first, then a page of npm's own help.
  const cause = output
    .split('\n')
    .filter((line) => line.startsWith('npm error'))
    .slice(0, 12);
  throw new StepFailed(
    `${cause.join('\n')}\n\nnpm ci failed in ${ROOT} (exit code ${code}): see above. It needs the network, or npm's cache. Run: npm ci`,
  );
}
