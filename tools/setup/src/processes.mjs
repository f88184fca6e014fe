import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StepFailed } from './steps.mjs';

export const ROOT = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const BIN = join(ROOT, 'node_modules', '.bin');

/**
 * The environment for a child. `node` in front on the PATH, so that scripts of packages run on it too.
 * @param {string | undefined} node
 * @returns {NodeJS.ProcessEnv}
 */
export function environment(node) {
  const inherited = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== BIN);
  return {
    ...process.env,
    PATH: [...(node ? [dirname(node), BIN] : []), ...inherited].join(delimiter),
    NX_DAEMON: 'false',
    NX_NO_CLOUD: 'true',
    NX_TUI: 'false',
    // The plug-in workers cost a second per call and gain nothing here.
    NX_ISOLATE_PLUGINS: 'false',
  };
}

/**
 * @typedef {{ code: number, output: string }} Result
 * @param {string} command
 * @param {string[]} args
 * @param {{ node?: string, show?: boolean, shell?: boolean }} [options] show: also print what it prints
 * @returns {Promise<Result>}
 */
export function execute(command, args, { node, show = false, shell = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: ROOT, env: environment(node), stdio: ['ignore', 'pipe', 'pipe'], shell });
    let output = '';
    for (const [from, to] of /** @type {const} */ ([
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ])) {
      from.setEncoding('utf8').on('data', (text) => {
        output += text;
        if (show) to.write(text);
      });
    }
    child.once('error', (error) => reject(new StepFailed(`cannot run ${command}: ${error.message}`)));
    child.once('close', (code, signal) => resolve({ code: exitCode(code, signal), output }));
  });
}

/**
 * The program of an npm package as [script, ...]: run with Node itself, since the shims in .bin differ per platform.
 * @param {string} script path below node_modules
 */
export const packageScript = (script) => join(ROOT, 'node_modules', script);

/**
 * @param {string} node
 * @param {string[]} args
 * @param {boolean} [show]
 */
export const nx = (node, args, show = false) => execute(node, [packageScript('nx/dist/bin/nx.js'), ...args], { node, show });

/**
 * Runs a tool of ours in the foreground; gives its exit code.
 *
 * It gets a process group of its own, since a Ctrl-C in the terminal would reach it twice or more: from the terminal, from npm and from us. It must
 * see one, as a second one means "hurry".
 * @param {string} node
 * @param {string} tool
 * @param {string[]} args
 * @returns {Promise<number>}
 */
export function runTool(node, tool, args) {
  const main = join(ROOT, tool);
  if (!existsSync(main)) throw new StepFailed(`${tool} is missing although the build passed. Run: npx nx reset && npm run build`);
  const child = spawn(node, ['--enable-source-maps', main, ...args], {
    cwd: ROOT,
    env: environment(node),
    stdio: 'inherit',
    detached: process.platform !== 'win32',
  });
  let lastSignal = -Infinity;
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => {
      const now = performance.now();
      if (now - lastSignal > 500) child.kill(signal);
      lastSignal = now;
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new StepFailed(`cannot run ${node}: ${error.message}`)));
    child.once('close', (code, signal) => resolve(exitCode(code, signal)));
  });
}

/**
 * @param {number | null} code
 * @param {NodeJS.Signals | null} signal
 */
function exitCode(code, signal) {
  const SIGNALS = /** @type {Record<string, number>} */ ({ SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 });
  return code ?? 128 + (SIGNALS[signal ?? ''] ?? 0);
}
