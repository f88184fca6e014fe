import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort, requireFreePort } from '@tieout/local-servers';
import { inherited, ROOT } from './config.js';
import { PostgresServer } from './postgres-server.js';
import { openSecrets, type StackSecrets } from './stack-secrets.js';
import { Supervisor, type Program } from './supervisor.js';
import { SERVICES } from './services.js';

const SYSTEMS = ['psa', 'hr', 'erp', 'payroll', 'crm'] as const;
type System = (typeof SYSTEMS)[number];
const DEFAULT_PORTS: Record<System, number> = { psa: 7501, hr: 7502, erp: 7503, payroll: 7504, crm: 7505 };
const WAREHOUSE_PORT = 7433;
const UP_MS = 20_000;

export interface DemoSystems {
  readonly urls: Readonly<Record<System, string>>;
  readonly secrets: StackSecrets;
  readonly warehouse: PostgresServer;
  /** The day that the demo firm's two weeks end on; kept, so that a second start finds the same firm. */
  readonly today: string;
  /** What the demo bundle's references name. */
  readonly env: Readonly<Record<string, string>>;
  /** True when the firm was loaded now, false when an earlier start had done it. */
  readonly loaded: boolean;
  stop(): Promise<void>;
}

export interface DemoOptions {
  readonly dataDir: string;
  readonly ports: 'free' | 'default';
  /** Where the PSA delivers its webhooks. */
  readonly webhookUrl: string;
  /** Makes the ERP slow, so that faults strike in mid-work. */
  readonly erpLatencyMs?: number;
  /** A backup that the warehouse begins with. */
  readonly warehouseBackup?: string;
  readonly say: (text: string) => void;
}

/** PSA, HR system, ERP, payroll bureau and CRM as processes of their own with the demo firm in them, and a warehouse: PostgreSQL of its own. */
export const startDemoSystems = async (options: DemoOptions): Promise<DemoSystems> => {
  const { dataDir, ports: mode, webhookUrl, erpLatencyMs = 0, say } = options;
  const folder = join(dataDir, 'sandbox');
  mkdirSync(join(folder, 'timesheets'), { recursive: true });
  const secrets = openSecrets(dataDir, SERVICES);
  const supervisor = new Supervisor({ dataDir: folder, say, onFatal: (error) => say(error.message) });
  await supervisor.endOrphans();
  const ports = { ...DEFAULT_PORTS };
  for (const system of SYSTEMS) {
    if (mode === 'free') ports[system] = await freePort();
    else await requireFreePort(ports[system], `the sandbox ${system.toUpperCase()}`);
  }
  const urls = Object.fromEntries(SYSTEMS.map((system) => [system, `http://127.0.0.1:${ports[system]}`])) as Record<
    System,
    string
  >;
  const keys: Record<System, string> = {
    psa: secrets.psaKey,
    hr: secrets.hrKey,
    erp: secrets.erpKey,
    payroll: secrets.payrollKey,
    crm: secrets.crmKey,
  };
  const warehouse = await startWarehouse(folder, options);
  const stop = async () => {
    await supervisor.stop();
    await warehouse.stop();
  };
  try {
    for (const system of SYSTEMS)
      supervisor.start(program(system, { port: ports[system], key: keys[system], folder, secrets, webhookUrl, erpLatencyMs }));
    await Promise.all(SYSTEMS.map((system) => untilUp(system, urls[system])));
    const env = {
      PSA_URL: urls.psa,
      PSA_KEY: secrets.psaKey,
      PSA_WEBHOOK_SECRET: secrets.webhookSecret,
      HR_URL: urls.hr,
      HR_KEY: secrets.hrKey,
      ERP_URL: urls.erp,
      ERP_KEY: secrets.erpKey,
      PAYROLL_URL: urls.payroll,
      PAYROLL_KEY: secrets.payrollKey,
      CRM_URL: urls.crm,
      CRM_KEY: secrets.crmKey,
      WAREHOUSE_URL: warehouse.url,
      CSV_FOLDER: join(folder, 'timesheets'),
    };
    const { today, fresh } = dayOf(folder);
    if (fresh) {
      say('loading the demo firm: 3 legal entities, 200 workers, two weeks of time');
      await supervisor.run({
        name: 'load-demo',
        script: join(ROOT, 'tools/sandbox/dist/load-demo.js'),
        env: { ...inherited(), ...env, DEMO_TODAY: today },
      });
      writeFileSync(join(folder, 'loaded.json'), JSON.stringify({ today }));
    }
    return { urls, secrets, warehouse, today, env, loaded: fresh, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

const startWarehouse = async (folder: string, { ports, warehouseBackup }: DemoOptions): Promise<PostgresServer> => {
  const port = ports === 'free' ? await freePort() : WAREHOUSE_PORT;
  return PostgresServer.start({ dataDir: join(folder, 'warehouse'), port }, warehouseBackup);
};

interface SystemFacts {
  readonly port: number;
  readonly key: string;
  readonly folder: string;
  readonly secrets: StackSecrets;
  readonly webhookUrl: string;
  readonly erpLatencyMs: number;
}

const program = (system: System, { port, key, folder, secrets, webhookUrl, erpLatencyMs }: SystemFacts): Program => ({
  name: `sandbox-${system}`,
  script: join(ROOT, `tools/sandbox/dist/${system}.js`),
  env: {
    ...inherited(),
    SANDBOX_PORT: String(port),
    SANDBOX_KEY: key,
    SANDBOX_READ_KEY: secrets.readKey,
    SANDBOX_PANEL_TOKEN: secrets.panelToken,
    SANDBOX_DATA: join(folder, `${system}.jsonl`),
    ...(system === 'erp' && { SANDBOX_LATENCY_MS: String(erpLatencyMs) }),
    ...(system === 'psa' && { SANDBOX_WEBHOOK_URL: webhookUrl, SANDBOX_WEBHOOK_SECRET: secrets.webhookSecret }),
  },
});

const dayOf = (folder: string): { today: string; fresh: boolean } => {
  const file = join(folder, 'loaded.json');
  if (existsSync(file)) return { today: (JSON.parse(readFileSync(file, 'utf8')) as { today: string }).today, fresh: false };
  return { today: new Date().toISOString().slice(0, 10), fresh: true };
};

const untilUp = async (system: System, url: string): Promise<void> => {
  const deadline = Date.now() + UP_MS;
  // Any answer will do: without a key it is a 401.
  while ((await fetch(url, { signal: AbortSignal.timeout(1000) }).catch(() => undefined)) === undefined) {
    if (Date.now() > deadline) throw new Error(`the sandbox ${system.toUpperCase()} at ${url} does not answer`);
    await delay(100);
  }
};
