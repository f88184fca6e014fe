import { settingsProblems, type PanelSettings } from './kit/settings.js';
import type { SystemOptions } from './kit/system.js';

/** Wrong or missing settings end the process with EX_CONFIG, as every Tieout process does. */
const EX_CONFIG = 78;

const problems: string[] = [];
const text = (name: string): string | undefined => (process.env[name] === '' ? undefined : process.env[name]);
const whole = (name: string, fallback: number): number => {
  const raw = text(name);
  if (raw === undefined) return fallback;
  if (!/^\d{1,9}$/.test(raw)) problems.push(`${name} is ${JSON.stringify(raw)}: expected a whole number`);
  return Number(raw);
};
const required = (name: string, what: string): string => {
  const value = text(name);
  if (value === undefined) problems.push(`${name} is missing: expected ${what}`);
  return value ?? '';
};
/** Settings of the fault panel at start, as `POST /_panel` takes them. */
const panelSettings = (name: string): Partial<PanelSettings> => {
  let given: unknown;
  try {
    given = JSON.parse(text(name) ?? '{}');
  } catch {
    problems.push(`${name} is no JSON`);
    return {};
  }
  problems.push(...settingsProblems(given).map((problem) => `${name}: ${problem}`));
  return given as Partial<PanelSettings>;
};
const done = <T>(value: T): T => {
  if (problems.length > 0) {
    for (const problem of problems) console.error(problem);
    process.exit(EX_CONFIG);
  }
  return value;
};

/** Settings of one sandbox process: SANDBOX_PORT, SANDBOX_KEY, SANDBOX_READ_KEY, SANDBOX_PANEL_TOKEN, SANDBOX_DATA, SANDBOX_PANEL, limits and latency. */
export const systemOptions = (): SystemOptions => {
  const [key, readKey, panelToken, dataFile] = [
    text('SANDBOX_KEY'),
    text('SANDBOX_READ_KEY'),
    text('SANDBOX_PANEL_TOKEN'),
    text('SANDBOX_DATA'),
  ];
  return done({
    port: whole('SANDBOX_PORT', 0),
    host: text('SANDBOX_HOST') ?? '127.0.0.1',
    ...(key !== undefined && { key }),
    ...(readKey !== undefined && { readKey }),
    ...(panelToken !== undefined && { panelToken }),
    ...(dataFile !== undefined && { dataFile }),
    panel: {
      latencyMs: whole('SANDBOX_LATENCY_MS', 0),
      latencyPerLineMs: whole('SANDBOX_LATENCY_PER_LINE_MS', 0),
      ratePerSecond: whole('SANDBOX_RATE', 0),
      concurrency: whole('SANDBOX_CONCURRENCY', 0),
      ...panelSettings('SANDBOX_PANEL'),
    },
  });
};

/** Where the PSA delivers its webhooks, and the secret that signs them. */
export const webhookOptions = (): { webhookUrl?: string; webhookSecret?: string } => {
  const [url, secret] = [text('SANDBOX_WEBHOOK_URL'), text('SANDBOX_WEBHOOK_SECRET')];
  return { ...(url !== undefined && { webhookUrl: url }), ...(secret !== undefined && { webhookSecret: secret }) };
};

export interface LoaderSettings {
  readonly psa: { readonly url: string; readonly key: string };
  readonly hr: { readonly url: string; readonly key: string };
  readonly erp: { readonly url: string; readonly key: string };
  /** Absent: the firm has no payroll bureau. */
  readonly payroll?: { readonly url: string; readonly key: string };
  /** Absent: the firm has no CRM. */
  readonly crm?: { readonly url: string; readonly key: string };
  readonly csvFolder: string;
  readonly today: string;
  readonly seed: number;
}

const bureau = (): Pick<LoaderSettings, 'payroll'> => {
  const url = text('PAYROLL_URL');
  return url === undefined ? {} : { payroll: { url, key: required('PAYROLL_KEY', 'its key') } };
};
const sales = (): Pick<LoaderSettings, 'crm'> => {
  const url = text('CRM_URL');
  return url === undefined ? {} : { crm: { url, key: required('CRM_KEY', 'its key') } };
};

export const loaderSettings = (): LoaderSettings =>
  done({
    ...bureau(),
    ...sales(),
    psa: { url: required('PSA_URL', 'the URL of the sandbox PSA'), key: required('PSA_KEY', 'its key') },
    hr: { url: required('HR_URL', 'the URL of the sandbox HR system'), key: required('HR_KEY', 'its key') },
    erp: { url: required('ERP_URL', 'the URL of the sandbox ERP'), key: required('ERP_KEY', 'its key') },
    csvFolder: required('CSV_FOLDER', 'the folder for timesheet files'),
    today: text('DEMO_TODAY') ?? new Date().toISOString().slice(0, 10),
    seed: whole('DEMO_SEED', 1),
  });
