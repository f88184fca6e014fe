import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { copyTree, ROOT, startDemoSystems, startTieout, type DemoSystems, type Tieout } from '@tieout/local';
import { freePort } from '@tieout/local-servers';
import { loadedDemoFirm, type DemoFirm } from '@tieout/sandbox';
import type { Fault, World } from './fault.js';
import { ERP_LATENCY_MS } from './pace.js';
import { Load, USUAL_RATES } from './load.js';
import { changeConnection, chaosPolicy } from './policy.js';
import { Recorder } from './recorder.js';
import { PanelClient } from './system-client.js';

const IDLE_MS = 240_000;
const KEPT = ['secrets.json', 'governance-signing-key.pem', 'governance-keys.pem', 'checkpoints'];

export interface Stage {
  readonly world: World;
  readonly firm: DemoFirm;
  stop(): Promise<void>;
}

type Say = (text: string) => void;
interface Parts {
  readonly demo: DemoSystems;
  readonly tieout: Tieout;
  readonly recorder: Recorder;
}

interface StartOptions {
  readonly folder: string;
  readonly policyDir: string;
  readonly fault?: Fault;
  readonly postgresBackup?: string | undefined;
  readonly warehouseBackup?: string | undefined;
  readonly say: Say;
}

/** The sandbox systems, the recorder before the ERP, and Tieout. What was started is stopped when the rest does not start. */
const start = async (
  { folder, policyDir, fault, postgresBackup, warehouseBackup, say }: StartOptions,
  stops: (() => Promise<void>)[],
): Promise<Parts> => {
  const webhookPort = await freePort();
  const webhookUrl = `http://127.0.0.1:${webhookPort}/webhooks/psa`;
  const demo = await startDemoSystems({
    dataDir: folder,
    ports: 'free',
    webhookUrl,
    ...(warehouseBackup !== undefined && { warehouseBackup }),
    say,
  });
  stops.unshift(demo.stop);
  const recorder = await Recorder.start(demo.urls.erp);
  stops.unshift(() => recorder.stop());
  const services = (await fault?.services?.()) ?? {};
  const tieout = await startTieout({
    dataDir: folder,
    policyDir,
    env: { ...demo.env, ERP_URL: recorder.url },
    chosenPorts: { 'time-ingestion': webhookPort },
    services,
    ...(postgresBackup !== undefined && { postgresBackup }),
    say,
  });
  stops.unshift(tieout.stop);
  return { demo, recorder, tieout };
};

/** Whoever asks a second time waits for the first: nobody may believe that all is stopped while it is being stopped. */
const stopper = (stops: (() => Promise<void>)[]): (() => Promise<void>) => {
  let stopped: Promise<void> | undefined;
  const run = async (): Promise<void> => {
    for (const stop of stops.splice(0)) await stop();
  };
  return () => (stopped ??= run());
};

/** Fresh stages for every fault, each with the demo firm already booked. */
export class Stages {
  readonly #template: string;
  #stopCurrent = async (): Promise<void> => undefined;

  constructor(
    private readonly folder: string,
    private readonly say: Say,
  ) {
    this.#template = join(folder, 'template');
  }

  /** Books the demo firm once and keeps what came of it: databases, streams, the sandbox systems' data. */
  async prepare(): Promise<void> {
    rmSync(this.#template, { recursive: true, force: true });
    const folder = this.#runFolder('prepare');
    const stops: (() => Promise<void>)[] = [];
    const stop = (this.#stopCurrent = stopper(stops));
    try {
      const policyDir = chaosPolicy(join(folder, 'policy'));
      const { tieout, demo } = await start({ folder, policyDir, say: this.say }, stops);
      await tieout.waitUntilIdle(IDLE_MS);
      const { tiesOut, failure } = await tieout.reconcile();
      if (!tiesOut) throw new Error(`the demo firm does not tie out before any fault: ${failure ?? 'there are differences'}`);
      await tieout.postgres.backUp(join(this.#template, 'postgres'));
      await demo.warehouse.backUp(join(this.#template, 'warehouse'));
      await tieout.nats.copyStore(join(this.#template, 'nats'));
    } finally {
      await stop();
    }
    await copyTree(join(folder, 'sandbox'), join(this.#template, 'sandbox'), (path) => basename(path) === 'warehouse');
    // What governance signed must verify in every run, and what it keeps outside its database must go on.
    for (const name of KEPT) cpSync(join(folder, name), join(this.#template, name), { recursive: true });
    rmSync(folder, { recursive: true, force: true });
  }

  async open(fault: Fault): Promise<Stage> {
    const folder = this.#runFolder(fault.id);
    const backups = ['postgres', 'warehouse'].map((name) => join(this.#template, name));
    const [postgresBackup, warehouseBackup] = backups;
    await copyTree(this.#template, folder, (path) => backups.includes(path));
    const stops: (() => Promise<void>)[] = [];
    const stop = (this.#stopCurrent = stopper(stops));
    try {
      const policyDir = chaosPolicy(join(folder, 'policy'));
      const parts = await start({ folder, policyDir, fault, postgresBackup, warehouseBackup, say: this.say }, stops);
      const { demo, tieout } = parts;
      if (fault.connection) await changeConnection(tieout, fault.connection);
      const erp = new PanelClient(demo.urls.erp, demo.secrets.panelToken);
      const psa = new PanelClient(demo.urls.psa, demo.secrets.panelToken);
      await erp.set({ latencyMs: ERP_LATENCY_MS, ...fault.erp });
      const firm = await loadedDemoFirm(demo.env['CSV_FOLDER']!);
      if (!firm) throw new Error('the template holds no demo firm');
      const load = new Load({ url: demo.urls.psa, key: demo.secrets.psaKey }, firm, USUAL_RATES);
      await tieout.waitUntilIdle(IDLE_MS);
      return { world: { ...parts, erp, psa, load, folder, counted: { reversed: 0 }, say: this.say }, firm, stop };
    } catch (error) {
      await stop();
      throw error;
    }
  }

  /** Stops what runs just now, for whoever ends the run early. */
  async stop(): Promise<void> {
    await this.#stopCurrent();
  }

  #runFolder(name: string): string {
    const folder = join(this.folder, 'runs', name);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    return folder;
  }
}

export const CHAOS_FOLDER = join(ROOT, '.tieout', 'chaos');
