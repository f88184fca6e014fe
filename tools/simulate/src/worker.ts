import { parentPort } from 'node:worker_threads';
import { runJob, type Job } from './jobs.js';

// Faults are thrown by the thousand, and nobody reads where from.
Error.stackTraceLimit = 0;

parentPort?.on('message', (job: Job) => {
  void runJob(job).then((result) => parentPort?.postMessage(result));
});
