import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Job, JobResult } from './jobs.js';

/** Keeps `count` workers busy until there is no next job. @throws what a worker throws. */
export const runJobs = async (count: number, next: () => Job | undefined, done: (result: JobResult) => void): Promise<void> => {
  await Promise.all(
    Array.from({ length: count }, async () => {
      const worker = new Worker(new URL('./worker.js', import.meta.url));
      try {
        for (let job = next(); job !== undefined; job = next()) {
          worker.postMessage(job);
          const [result] = (await once(worker, 'message')) as [JobResult];
          done(result);
        }
      } finally {
        await worker.terminate();
      }
    }),
  );
};
