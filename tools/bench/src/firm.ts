import { demoFirm, startSandboxCrm, startSandboxErp, startSandboxHr, startSandboxPsa } from '@tieout/sandbox';
import type { ImportedTimesheet, SandboxErp, SandboxPsa } from '@tieout/sandbox';

export interface Firm {
  readonly psa: SandboxPsa;
  readonly erp: SandboxErp;
  /** What the demo bundle's references name. */
  readonly env: Readonly<Record<string, string>>;
  /** Approved timesheets of which every one must be posted; disjoint between calls. */
  take(count: number): ImportedTimesheet[];
  stop(): Promise<void>;
}

/** Into so many parts is each of the demo firm's days cut, so that more entries break no daily limit. */
const PARTS = 5;

/** PSA, HR system, ERP and an empty CRM over HTTP with the demo firm's people, projects and rates, and no time yet. */
export const startFirm = async (csvFolder: string): Promise<Firm> => {
  const firm = demoFirm({ today: new Date().toISOString().slice(0, 10) });
  const [psa, hr, erp, crm] = await Promise.all([startSandboxPsa(), startSandboxHr(), startSandboxErp(), startSandboxCrm()]);
  for (const [list, items] of Object.entries(firm.hr)) for (const item of items) hr.lists.put(list, item);
  for (const [list, items] of Object.entries(firm.psa)) for (const item of items) psa.lists.put(list, item);
  for (const { code, currency } of firm.erp.companies) erp.state.putCompany(code, currency);
  for (const period of firm.erp.periods) erp.state.putPeriod(period);
  erp.state.addCodes('accounts', firm.erp.accounts);

  const clean = new Set(firm.entries.filter(({ outcome }) => outcome === 'released').map(({ key }) => key));
  const sheets = (firm.timesheets as unknown as ImportedTimesheet[])
    .filter(({ id }) => clean.has(id))
    .flatMap((sheet) => Array.from({ length: PARTS }, (_, part) => partOf(sheet, part)));
  return {
    psa,
    erp,
    env: {
      PSA_URL: psa.url,
      PSA_KEY: psa.key,
      PSA_WEBHOOK_SECRET: 'webhook-secret',
      HR_URL: hr.url,
      HR_KEY: hr.key,
      ERP_URL: erp.url,
      ERP_KEY: erp.key,
      CRM_URL: crm.url,
      CRM_KEY: crm.key,
      CSV_FOLDER: csvFolder,
    },
    take: (count) => {
      if (sheets.length < count) throw new RangeError(`the demo firm has ${sheets.length} more clean entries, not ${count}`);
      return sheets.splice(0, count);
    },
    stop: async () => {
      await Promise.all([psa.stop(), hr.stop(), erp.stop(), crm.stop()]);
    },
  };
};

const partOf = (sheet: ImportedTimesheet, part: number): ImportedTimesheet => ({
  ...sheet,
  id: `${sheet.id}-${part}`,
  hours: (Number(sheet.hours) / PARTS).toFixed(2),
});
