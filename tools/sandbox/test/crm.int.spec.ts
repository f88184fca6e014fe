import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  startSandboxCrm,
  startSandboxErp,
  startSandboxPsa,
  type SandboxCrm,
  type SandboxErp,
  type SandboxPsa,
} from '../src/index.js';

let crm: SandboxCrm;
let psa: SandboxPsa;
let erp: SandboxErp;
beforeEach(async () => {
  [crm, psa, erp] = await Promise.all([startSandboxCrm(), startSandboxPsa(), startSandboxErp()]);
  psa.lists.put('clients', { id: 'C-1', number: 'C-1' });
  erp.state.putCompany('DE01', 'EUR');
});
afterEach(async () => {
  await Promise.all([crm.stop(), psa.stop(), erp.stop()]);
});

const KEYS = { 'x-crm-token': 'crm-key', 'x-psa-key': 'psa-key', authorization: 'Bearer erp-key' };
const call = async (method: string, url: string, body?: unknown): Promise<{ status: number; body: Record<string, unknown> }> => {
  const headers = { ...KEYS, ...(body !== undefined && { 'content-type': 'application/json' }) };
  const response = await fetch(url, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};
const found = async (url: string): Promise<unknown[]> => (await call('GET', url)).body['items'] as unknown[];

describe('the sandbox CRM', () => {
  it('keeps deals, and the day on which one was won only while it is won', async () => {
    await call('PUT', `${crm.url}/crm/v1/deals/D-1`, { dealNo: 'D-1', stage: 'Negotiation' });
    const won = await call('POST', `${crm.url}/crm/v1/deals/D-1/stage`, { stage: 'Closed Won', on: '2026-11-20' });
    expect(won.body).toEqual({ id: 'D-1', dealNo: 'D-1', stage: 'Closed Won', wonOn: '2026-11-20' });
    const lost = await call('POST', `${crm.url}/crm/v1/deals/D-1/stage`, { stage: 'Closed Lost' });
    expect(lost.body).toEqual({ id: 'D-1', dealNo: 'D-1', stage: 'Closed Lost' });
  });

  it.each([
    ['D-1', 'Signed', 400],
    ['D-9', 'Closed Won', 404],
  ])('refuses a move of %s to %s', async (id, stage, status) => {
    crm.lists.put('deals', { id: 'D-1', stage: 'Negotiation' });
    expect((await call('POST', `${crm.url}/crm/v1/deals/${id}/stage`, { stage })).status).toBe(status);
  });

  it('misbehaves on request, as its neighbours do', async () => {
    crm.panel.arm({ kind: 'unavailable' });
    expect((await call('GET', `${crm.url}/crm/v1/deals`)).status).toBe(503);
    expect((await fetch(`${crm.url}/crm/v1/deals`, { headers: { 'x-crm-token': 'wrong' } })).status).toBe(401);
    expect((await call('GET', `${crm.url}/crm/v1/session`)).status).toBe(200);
  });
});

describe('projects of PSA and ERP', () => {
  const systems = () => [
    {
      system: psa,
      base: `${psa.url}/v2`,
      code: 'code',
      reference: 'externalRef',
      project: { code: 'P-1', externalRef: 'r1', client: 'C-1' },
    },
    {
      system: erp,
      base: erp.url,
      code: 'number',
      reference: 'reference',
      project: { number: 'P-1', reference: 'r1', company: 'DE01' },
    },
  ];

  it.each([0, 1])('are made once per code, and found by code and by reference (%i)', async (n) => {
    const { base, code, reference, project } = systems()[n]!;
    expect((await call('POST', `${base}/projects`, project)).status).toBe(201);
    expect(await call('POST', `${base}/projects`, project)).toMatchObject({
      status: 409,
      body: { error: { code: 'CODE_TAKEN' } },
    });
    expect(await found(`${base}/projects/search?${code}=P-1`)).toMatchObject([project]);
    expect(await found(`${base}/projects/search?${reference}=r1`)).toMatchObject([project]);
    expect(await found(`${base}/projects/search?${code}=P-2`)).toEqual([]);
  });

  it.each([0, 1])(
    'twice where codes need not be unique; an answer lost is a project made; a yes may be a lie (%i)',
    async (n) => {
      const { system, base, code, project } = systems()[n]!;
      system.panel.settings.uniqueCodes = false;
      system.panel.arm({ kind: 'commit-then-500' }, { kind: 'created-nothing', every: 3 });
      for (const status of [500, 201, 201]) expect((await call('POST', `${base}/projects`, project)).status).toBe(status);
      expect(await found(`${base}/projects/search?${code}=P-1`)).toHaveLength(2);
      system.panel.settings.readLagMs = 60_000;
      expect(await found(`${base}/projects/search?${code}=P-1`)).toEqual([]);
    },
  );

  it('refuse a client, a company or a currency that does not fit, naming it', async () => {
    const [inPsa, inErp] = systems().map(({ base }) => ({ base })) as [{ base: string }, { base: string }];
    expect((await call('POST', `${inPsa.base}/projects`, { code: 'P-2', client: 'C-9' })).body).toMatchObject({
      error: { code: 'PROJECT_INVALID', problems: ['client C-9 does not exist'] },
    });
    expect((await call('POST', `${inPsa.base}/projects`, {})).body).toMatchObject({ error: { problems: ['code is missing'] } });
    expect((await call('POST', `${inErp.base}/projects`, { number: 'P-2', company: 'XX' })).body).toMatchObject({
      error: { problems: ['company XX does not exist'] },
    });
    const dollars = await call('POST', `${inErp.base}/projects`, { number: 'P-2', company: 'DE01', currency: 'USD' });
    expect(dollars.body).toMatchObject({ error: { problems: ['company DE01 budgets in EUR, not in USD'] } });
  });

  it('take lines, beside the codes that were loaded', async () => {
    erp.state.addCodes('projects', ['P-0']);
    const line = {
      lineRef: 'L',
      account: '1',
      offsetAccount: '2',
      employee: 'E',
      serviceDate: '2026-11-20',
      quantity: '1',
      value: '1',
    };
    const problems = (project: string) => erp.state.masters.lineProblems([{ ...line, project }], []).length;
    expect([problems('P-0'), problems('P-1')]).toEqual([0, 1]);
    await call('POST', `${erp.url}/projects`, { number: 'P-1', company: 'DE01' });
    expect(problems('P-1')).toBe(0);
  });
});
