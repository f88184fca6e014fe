import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
const DEMO = join(ROOT, 'deploy/governance/demo');
const folder = mkdtempSync(join(tmpdir(), 'tieout-bin-'));
afterAll(() => rmSync(folder, { recursive: true }));

const runs = (root: string, args: readonly string[], node: readonly string[] = []) =>
  new Promise<{ code: number; out: string; err: string }>((resolve) => {
    const child = execFile(
      process.execPath,
      [...node, join(root, 'tools/cli/bin/tieout.mjs'), ...args],
      { cwd: folder },
      (_, out, err) => resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });

it('runs from any folder, with its exit code', async () => {
  expect(await runs(ROOT, ['policy', 'lint', DEMO])).toMatchObject({
    code: 0,
    out: expect.stringContaining('in order') as string,
  });
  expect(await runs(ROOT, ['policy', 'lint', 'nowhere'])).toMatchObject({
    code: 2,
    err: expect.stringContaining('there is no folder') as string,
  });
});

it('goes over to the Node of the packages where the own one is too old', async () => {
  const older = 'data:text/javascript,Object.defineProperty(process,"version",{value:"v20.0.0"})';
  expect(await runs(ROOT, ['policy', 'lint', DEMO], ['--import', older])).toMatchObject({
    code: 0,
    out: expect.stringContaining('in order') as string,
  });
  expect((await runs(ROOT, ['policy', 'lint', 'nowhere'], ['--import', older])).code).toBe(2);
});

it('says what to do where nothing is built yet', async () => {
  for (const path of ['tools/cli/bin', 'tools/setup/src']) {
    mkdirSync(join(folder, path), { recursive: true });
    cpSync(join(ROOT, path), join(folder, path), { recursive: true });
  }
  expect(await runs(folder, ['--help'])).toMatchObject({ code: 2, err: expect.stringContaining('npm run build') as string });
});
