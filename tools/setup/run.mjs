#!/usr/bin/env node
// What the npm scripts call: gets the checkout ready, then runs a command on the project's own Node.
// Plain JavaScript without dependencies: on a fresh clone there is nothing but Node 20.
import { prepare } from './src/prepare.mjs';
import { runTool } from './src/processes.mjs';
import { StepFailed } from './src/steps.mjs';
import { runTests } from './src/test.mjs';

const TOOLS = /** @type {Record<string, string>} */ ({
  start: 'tools/local/dist/main.js',
  simulate: 'tools/simulate/dist/main.js',
  chaos: 'tools/chaos/dist/main.js',
  'e2e-real': 'tools/real-systems/dist/main.js',
  bench: 'tools/bench/dist/main.js',
});

const [command = '', ...args] = process.argv.slice(2);
try {
  process.exitCode = await run(command, args);
} catch (error) {
  if (!(error instanceof StepFailed)) throw error;
  console.error(`\n${error.message}`);
  process.exitCode = 1;
}

/**
 * @param {string} command
 * @param {string[]} args
 */
async function run(command, args) {
  if (command === 'test') return runTests();
  const tool = TOOLS[command];
  if (!tool) {
    console.error(`usage: node tools/setup/run.mjs ${[...Object.keys(TOOLS), 'test'].join('|')} [arguments]`);
    return 64;
  }
  const node = await prepare();
  return runTool(node, tool, args);
}
