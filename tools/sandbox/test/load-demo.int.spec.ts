import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  loadDemoFirm,
  loadedDemoFirm,
  startSandboxCrm,
  startSandboxErp,
  startSandboxHr,
  startSandboxPayroll,
  startSandboxPsa,
  type SandboxCrm,
  type SandboxErp,
  type SandboxHr,
  type SandboxPayroll,
  type SandboxPsa,
} from '../src/index.js';

let folder: string;
let systems: { psa: SandboxPsa; hr: SandboxHr; erp: SandboxErp; payroll: SandboxPayroll; crm: SandboxCrm };
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tieout-demo-'));
  systems = {
    psa: await startSandboxPsa(),
    hr: await startSandboxHr(),
    erp: await startSandboxErp(),
    payroll: await startSandboxPayroll(),
    crm: await startSandboxCrm(),
  };
});
afterAll(async () => {
  for (const system of Object.values(systems)) await system.stop();
  await rm(folder, { recursive: true });
});

const contents = async (): Promise<Record<string, string>> =>
  Object.fromEntries(
    await Promise.all((await readdir(folder)).map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const)),
  );

it('loads the firm, and loading again, even on another day, changes nothing', async () => {
  const { psa, hr, erp, payroll, crm } = systems;
  const firm = await loadDemoFirm({ psa, hr, erp, payroll, crm, csvFolder: folder, today: '2026-11-23', seed: 1 });
  expect(psa.timesheets.size).toBe(firm.timesheets.length);
  expect(hr.lists.page('workers', '', 1).total).toBe(200);
  expect(erp.state.periods.size).toBe(firm.erp.periods.length);
  expect(payroll.state.periods.get('US-HOURLY/W2026-11-09')).toMatchObject({ to: '2026-11-15', state: 'open' });
  expect(payroll.state.dimensions.employees.size).toBe(firm.payroll.employees.length);
  expect(crm.lists.page('deals', '', 9).items.map(({ stage }) => stage)).toEqual([
    'Closed Won',
    'Closed Won',
    'Negotiation',
    'Closed Lost',
  ]);
  const files = await contents();
  expect(Object.keys(files).filter((name) => name.endsWith('.csv'))).toHaveLength(firm.files.length);

  expect(await loadedDemoFirm(folder)).toEqual(firm);
  expect(await loadedDemoFirm(join(folder, 'elsewhere'))).toBe(undefined);

  const { lastSeq } = psa.timesheets;
  psa.timesheets.decide('TS-000001', 'rejected');
  erp.state.putPeriod({ ...erp.state.periods.get('DE01/2026-11')!, state: 'closed' });
  const again = await loadDemoFirm({ psa, hr, erp, payroll, crm, csvFolder: folder, today: '2026-12-09', seed: 7 });
  expect(again).toEqual(firm);
  expect(psa.timesheets.lastSeq).toBe(lastSeq + 1);
  expect(psa.timesheets.get('TS-000001').status).toBe('rejected');
  expect(erp.state.periods.get('DE01/2026-11')?.state).toBe('closed');
  expect(await contents()).toEqual(files);
});
