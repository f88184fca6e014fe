import { run } from './program.js';
import { processWorld } from './world.js';

process.exitCode = await run(process.argv.slice(2), processWorld());
