import { createHash } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@tieout/clock';
import type { PostingTarget } from '@tieout/connector-kit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { payrollFile } from '../src/index.js';
import { documentOf } from './files.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tieout-payroll-file-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const target = (values: Record<string, string> = {}): PostingTarget => {
  const config = payrollFile.parseConfig({ values: { folder, answerSettleMs: '0', ...values }, secrets: new Set() });
  return payrollFile.postingTarget!(config, { connection: 'bureau', clock: systemClock });
};
const answer = (name: string, extension: 'ack' | 'rej', text: string): Promise<void> =>
  writeFile(join(folder, name.replace(/csv$/, extension)), text);

describe('handing over', () => {
  it('leaves one file with its checksum, named by pay group, period and document, and nothing half done', async () => {
    const document = documentOf(['8', '-3.25']);
    const name = `DE-M_2026-11_${document.documentKey}.csv`;
    expect(await target().post!(document)).toEqual({ kind: 'accepted', ticket: name });
    expect((await readdir(folder)).sort()).toEqual([name, `${name}.sha256`]);
    const content = await readFile(join(folder, name));
    const sum = await readFile(join(folder, `${name}.sha256`), 'utf8');
    expect(sum).toBe(`${createHash('sha256').update(content).digest('hex')}  ${name}\n`);
    expect(content.toString()).toContain('-3.25');
  });

  it('writes the same document once, and refuses another content under its key', async () => {
    const document = documentOf(['8']);
    await target().post!(document);
    const before = await readdir(folder);
    expect((await target().post!(document)).kind).toBe('accepted');
    expect(await readdir(folder)).toEqual(before);
    for (const changed of [
      { ...document, lines: documentOf(['9']).lines },
      { ...document, postingPeriod: 'DE-M/2026-12' },
    ])
      await expect(target().post!(changed)).rejects.toMatchObject({ kind: 'ContractBroken' });
    expect(await readdir(folder)).toEqual(before);
  });

  it('promises that nothing stands there when the folder cannot be written', async () => {
    await chmod(folder, 0o500);
    const outcome = await target().post!(documentOf(['8'])).catch((error: unknown) => error);
    await chmod(folder, 0o700);
    // The superuser may write anywhere: then it was handed over.
    expect(outcome).toMatchObject({ kind: process.getuid!() === 0 ? 'accepted' : 'Unavailable' });
  });

  it('a checksum that was left alone by a crash is written again with its file', async () => {
    const document = documentOf(['8']);
    const name = `DE-M_2026-11_${document.documentKey}.csv`;
    await writeFile(join(folder, `${name}.sha256`), 'torn');
    expect(await target().findByReference!(document.documentKey)).toEqual([]);
    await target().post!(document);
    expect(await readFile(join(folder, `${name}.sha256`), 'utf8')).toContain(name);
  });
});

describe('the bureau answers', () => {
  it('is booked once acknowledged, and not before the answer is whole', async () => {
    const document = documentOf(['8', '1']);
    await target().post!(document);
    const name = `DE-M_2026-11_${document.documentKey}.csv`;
    expect(await target().outcomeOf!(name, document)).toEqual({ kind: 'accepted', ticket: name });
    expect(await target().findByReference!(document.documentKey)).toEqual([{ externalId: name, state: 'draft' }]);
    await answer(name, 'ack', '');
    expect((await target({ answerSettleMs: '60000' }).outcomeOf!(name, document)).kind).toBe('accepted');
    expect(await target().outcomeOf!(name, document)).toEqual({ kind: 'posted', externalId: name });
    expect(await target().post!(document)).toEqual({ kind: 'posted', externalId: name });
    expect(await target().findByReference!(document.documentKey)).toEqual([{ externalId: name, state: 'posted' }]);
  });

  it('takes totals that agree, and neither yes nor no from totals that do not', async () => {
    const document = documentOf(['8', '-3']);
    await target().post!(document);
    const name = `DE-M_2026-11_${document.documentKey}.csv`;
    await answer(name, 'ack', `T,2,5.0,${document.totals.hashTotal}\n`);
    expect((await target().outcomeOf!(name, document)).kind).toBe('posted');
    // The bureau cut the negative hours to zero.
    await answer(name, 'ack', 'T,2,8,\n');
    await expect(target().outcomeOf!(name, document)).rejects.toMatchObject({
      kind: 'ContractBroken',
      message: expect.stringContaining('8 hours, sent were 5') as string,
    });
  });

  it('names the lines of a refusal, stands nowhere then, and says when the period is closed', async () => {
    const document = documentOf(['8', '1']);
    await target().post!(document);
    const name = `DE-M_2026-11_${document.documentKey}.csv`;
    await answer(name, 'rej', '2,worker E1 has left\n');
    expect(await target().outcomeOf!(name, document)).toEqual({
      kind: 'rejected',
      cause: 'invalid-line',
      message: `the bureau refused ${name}`,
      lines: [{ postingKey: document.lines[1]!.postingKey, message: 'worker E1 has left' }],
    });
    expect(await target().findByReference!(document.documentKey)).toEqual([]);
    expect(await target().readBack([name])).toEqual([]);
    await answer(name, 'rej', '0,PERIOD_CLOSED the run is paid\n');
    expect(await target().outcomeOf!(name, document)).toMatchObject({ cause: 'period-closed', lines: [] });
  });

  it.each([
    ['a yes and a no at once', { ack: '', rej: '0,no' }],
    ['an acknowledgement that is none', { ack: 'thanks!' }],
    ['a refusal without line numbers', { rej: 'no,way' }],
  ])('%s is ContractBroken', async (_name, files) => {
    const document = documentOf(['8']);
    await target().post!(document);
    const name = `DE-M_2026-11_${document.documentKey}.csv`;
    for (const [extension, text] of Object.entries(files)) await answer(name, extension as 'ack' | 'rej', text);
    await expect(target().outcomeOf!(name, document)).rejects.toMatchObject({ kind: 'ContractBroken' });
  });

  it('counts a file as booked at once where no acknowledgement is asked for', async () => {
    const document = documentOf(['8']);
    const outcome = await target({ acknowledgement: 'none' }).post!(document);
    expect(outcome.kind).toBe('posted');
    expect((await target({ acknowledgement: 'none' }).findByReference!(document.documentKey))[0]!.state).toBe('posted');
  });
});

describe('reading the folder back', () => {
  it('gives every line with what rebuilds the ledger, page by page, within the window', async () => {
    const open = target({ acknowledgement: 'none', pageSize: '2' });
    const documents = [documentOf(['8', '-2.5']), documentOf(['1']), documentOf(['2']), documentOf(['3'], '2026-10-31')];
    for (const document of documents) await open.post!(document);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await open.readLedger!({ from: '2026-11-01', to: '2026-11-30' }, cursor);
      seen.push(...page.documents.map((document) => document.reference!));
      cursor = page.next;
    } while (cursor !== undefined);
    expect(seen.sort()).toEqual(
      documents
        .slice(0, 3)
        .map((document) => document.documentKey)
        .sort(),
    );
    const [first] = documents;
    const [booked] = await open.readBack([`DE-M_2026-11_${first!.documentKey}.csv`, '../../etc/passwd', 'x_y_z.csv']);
    expect(booked!.lines[1]).toEqual({
      ...{ postingKey: first!.lines[1]!.postingKey, hours: '-2.5', amount: '0', entryId: first!.lines[1]!.entryId, releaseNo: 1 },
      ...{ leg: 'pay:NORMAL', kind: 'adjustment', reverses: undefined, workerCode: 'E1', projectCode: 'P-100' },
      ...{ taskCode: undefined, costCentre: undefined, workDate: '2026-11-20', payCode: 'NORMAL' },
    });
  });

  it('a folder that is gone is Unavailable, never empty', async () => {
    const open = target();
    await rename(folder, `${folder}.away`);
    for (const read of [
      () => open.verifyAccess(),
      () => open.findByReference!('x'),
      () => open.readBack(['DE-M_2026-11_x.csv']),
      () => open.readLedger!({ from: '2026-01-01', to: '2026-12-31' }, undefined),
      () => open.post!(documentOf(['8'])),
    ])
      await expect(read()).rejects.toMatchObject({ kind: 'Unavailable' });
    await rename(`${folder}.away`, folder);
  });
});
