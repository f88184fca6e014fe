#!/usr/bin/env node
// npx tieout: runs the command line on the Node that comes with the packages, since the machine's may be older.
// Plain JavaScript without dependencies, for Node 20.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { advice, atLeast, candidates, firstThatServes, NEEDED } from '../../setup/src/node.mjs';

const root = fileURLToPath(new URL('../../../', import.meta.url)).replace(/[/\\]$/, '');
const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

// The libraries that it is made of are built one by one, so one may be missing after a build that failed.
const built = [main, ...['audit', 'model', 'policy', 'signing'].map((name) => `${root}/libs/${name}/dist/index.js`)];

if (!built.every((file) => existsSync(file))) {
  console.error('error: Tieout is not built yet\ntry:   npm run build   (npm start builds too, and starts everything)');
  process.exitCode = 2;
} else if (atLeast(process.version, NEEDED)) await import('../dist/main.js');
else process.exitCode = await onNewerNode();

async function onNewerNode() {
  const node = firstThatServes(candidates(root));
  if (!node) {
    console.error(`error: ${advice()}`);
    return 2;
  }
  const child = spawn(node.path, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  // Ctrl-C reaches the child by itself; whoever signals only us means the child too.
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP'])) process.on(signal, () => child.kill(signal));
  process.on('SIGINT', () => undefined);
  return new Promise((resolve) => {
    child.once('error', (error) => resolve((console.error(`error: cannot run ${node.path}: ${error.message}`), 2)));
    child.once('close', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 143)));
  });
}
