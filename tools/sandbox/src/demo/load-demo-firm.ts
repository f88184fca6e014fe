import { access, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { demoFirm, type DemoFirm } from '../demo-firm.js';
import type { LoaderSettings } from '../config.js';

const TIMEOUT_MS = 60_000;
const CHUNK = 1_000;

type Call = (method: string, path: string, body?: unknown) => Promise<unknown>;

const caller =
  (url: string, headers: Readonly<Record<string, string>>): Call =>
  async (method, path, body) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${url}${path}: ${response.status} ${text.slice(0, 300)}`);
    return text === '' ? undefined : JSON.parse(text);
  };

interface Anchor {
  readonly today: string;
  readonly seed: number;
}
const anchorPath = (csvFolder: string): string => join(csvFolder, '.demo-firm.json');

const readAnchor = async (csvFolder: string): Promise<Anchor | undefined> => {
  try {
    return JSON.parse(await readFile(anchorPath(csvFolder), 'utf8')) as Anchor;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
};

/** The first load decides the day and the seed of a demo; loading again, even on another day, makes the same firm. */
const anchored = async ({ csvFolder, today, seed }: LoaderSettings): Promise<Anchor> => {
  const known = await readAnchor(csvFolder);
  if (known) return known;
  await mkdir(csvFolder, { recursive: true });
  await writeFile(anchorPath(csvFolder), JSON.stringify({ today, seed }));
  return { today, seed };
};

/** The firm that was loaded with this folder, to verify against; undefined when none was. */
export const loadedDemoFirm = async (csvFolder: string): Promise<DemoFirm | undefined> => {
  const anchor = await readAnchor(csvFolder);
  return anchor && demoFirm(anchor);
};

const loadErp = async (firm: DemoFirm, call: Call): Promise<void> => {
  for (const { code, currency } of firm.erp.companies) await call('PUT', `/companies/${code}`, { currency });
  await call('POST', '/dimensions/accounts', { codes: firm.erp.accounts });
  const { items } = (await call('GET', '/accounting-periods')) as { items: { company: string; name: string }[] };
  const known = new Set(items.map((period) => `${period.company}/${period.name}`));
  for (const { company, name, ...period } of firm.erp.periods)
    if (!known.has(`${company}/${name}`)) await call('PUT', `/accounting-periods/${company}/${name}`, period);
  const standing = (await call('GET', '/projects')) as { items: { number?: string }[] };
  for (const project of firm.erp.projects)
    if (!standing.items.some(({ number }) => number === project.number))
      await call('PUT', `/projects/${project.number}`, project);
};

/** Whom the bureau pays, for what and when: the firm has told it all of that long before the first hour. */
const loadPayroll = async (firm: DemoFirm, call: Call): Promise<void> => {
  await call('POST', '/dimensions/employees', { codes: firm.payroll.employees });
  await call('POST', '/dimensions/payCodes', { codes: firm.payroll.payCodes });
  const { items } = (await call('GET', '/pay-periods')) as { items: { payGroup: string; name: string }[] };
  const known = new Set(items.map(({ payGroup, name }) => `${payGroup}/${name}`));
  for (const { payGroup, name, ...period } of firm.payroll.periods)
    if (!known.has(`${payGroup}/${name}`)) await call('PUT', `/pay-periods/${payGroup}/${name}`, period);
};

const loadPsa = async (firm: DemoFirm, call: Call): Promise<void> => {
  await call('POST', '/v2/import?existing=keep', firm.psa);
  for (let at = 0; at < firm.timesheets.length; at += CHUNK)
    await call('POST', '/v2/import?existing=keep', { timesheets: firm.timesheets.slice(at, at + CHUNK) });
};

/** The control file comes last and by rename: its presence says that the file is complete. */
const writeFiles = async (firm: DemoFirm, folder: string): Promise<void> => {
  for (const { name, csv, control } of firm.files) {
    const controlPath = join(folder, `${name}.control.json`);
    const there = await access(controlPath).then(
      () => true,
      () => false,
    );
    if (there) continue;
    await writeFile(join(folder, `${name}.csv`), csv);
    await writeFile(`${controlPath}.tmp`, JSON.stringify(control));
    await rename(`${controlPath}.tmp`, controlPath);
  }
};

/** Loads the demo firm into its systems over their own HTTP and writes the contractors' files. What exists stays as it is. */
export const loadDemoFirm = async (settings: LoaderSettings): Promise<DemoFirm> => {
  const firm = demoFirm(await anchored(settings));
  // Master data first, as in life: time that names what nobody knows yet would only wait.
  await loadErp(firm, caller(settings.erp.url, { authorization: `Bearer ${settings.erp.key}` }));
  await caller(settings.hr.url, { authorization: `ApiKey ${settings.hr.key}` })('POST', '/api/import?existing=keep', firm.hr);
  if (settings.payroll) await loadPayroll(firm, caller(settings.payroll.url, { 'x-api-key': settings.payroll.key }));
  await loadPsa(firm, caller(settings.psa.url, { 'x-psa-key': settings.psa.key }));
  // After the PSA: a won deal names clients that it must know.
  if (settings.crm)
    await caller(settings.crm.url, { 'x-crm-token': settings.crm.key })('POST', '/crm/v1/import?existing=keep', firm.crm);
  await writeFiles(firm, settings.csvFolder);
  return firm;
};
