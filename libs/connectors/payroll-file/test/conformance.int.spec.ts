import { access, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeConformance } from '@tieout/connector-kit/conformance';
import type { Connector, PostingTarget } from '@tieout/connector-kit';
import { Fault } from '@tieout/model';
import type { PayrollFileConfig } from '../src/config.js';
import { payrollFile } from '../src/index.js';

/**
 * The suite takes networks away; here that is the mount. One that is gone before the write is a folder that is gone; one that goes after it
 * takes the caller's answer with it, and nothing else.
 */
const mounted: Connector<PayrollFileConfig> = {
  ...payrollFile,
  postingTarget: (config, deps) => {
    const target = payrollFile.postingTarget!(config, deps);
    const { fetch: mount } = deps;
    if (mount === undefined) return target;
    const post: NonNullable<PostingTarget['post']> = async (document) => {
      const there = await mount('data:,').then(
        () => true,
        () => false,
      );
      if (!there) return payrollFile.postingTarget!({ ...config, folder: `${config.folder}.gone` }, deps).post!(document);
      const outcome = await target.post!(document);
      await mount('data:,', { method: 'PUT', body: '' }).catch((cause: unknown) => {
        throw new Fault('OutcomeUnknown', 'the mount went while the answer was awaited', { cause });
      });
      return outcome;
    };
    return {
      post,
      verifyAccess: () => target.verifyAccess(),
      outcomeOf: (ticket, document) => target.outcomeOf!(ticket, document),
      findByReference: (key) => target.findByReference!(key),
      readLedger: (window, cursor) => target.readLedger!(window, cursor),
      readBack: (ids) => target.readBack(ids),
    };
  },
};

/** Answers each file as soon as it is there: a closed period and an unknown worker are refused. */
const bureau = (folder: string): (() => void) => {
  const answer = async (name: string): Promise<void> => {
    const text = await readFile(join(folder, name), 'utf8');
    const stem = join(folder, name.slice(0, -4));
    const bad = text.split('\r\n').flatMap((row) => (row.includes('E9999') ? [`${row.split(',')[1]},no such worker`] : []));
    if (name.includes('_2026-10_')) await put(`${stem}.rej`, '0,PERIOD_CLOSED paid already');
    else if (bad.length > 0) await put(`${stem}.rej`, bad.join('\n'));
    else await put(`${stem}.ack`, text.split('\r\n').at(-2)!);
  };
  const put = async (path: string, text: string): Promise<void> => {
    await writeFile(`${path}.tmp`, text);
    await rename(`${path}.tmp`, path);
  };
  const watcher = watch(folder, (_event, name) => {
    if (name?.endsWith('.csv') !== true || name.startsWith('.')) return;
    void access(join(folder, name))
      .then(() => answer(name))
      // Taken away in between.
      .catch(() => undefined);
  });
  return () => watcher.close();
};

describeConformance({
  connector: mounted,
  start: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tieout-payroll-file-'));
    const close = bureau(folder);
    return {
      settings: { values: { folder, pageSize: '3', answerSettleMs: '0' }, secrets: new Set() },
      takeAway: async () => {
        await rename(folder, `${folder}.away`);
        return () => rename(`${folder}.away`, folder);
      },
      posting: {
        legalEntityId: 'DE01',
        currency: 'EUR',
        openPeriod: 'DE-M/2026-11',
        openDate: '2026-11-20',
        closedPeriod: 'DE-M/2026-10',
        closedDate: '2026-10-20',
        workerCode: 'E1001',
        projectCode: 'P-100',
        account: '5100',
        balancingAccount: '2100',
        invalidLine: { workerCode: 'E9999' },
        countDocuments: async (reference) => (await readdir(folder)).filter((name) => name.endsWith(`_${reference}.csv`)).length,
      },
      stop: async () => {
        close();
        await rm(folder, { recursive: true });
      },
    };
  },
});
