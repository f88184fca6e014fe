import type { DemoSystems, ServiceName, ServiceSettings, Tieout } from '@tieout/local';
import type { PanelSettings, SandboxFault } from '@tieout/sandbox';
import type { Check } from './compare.js';
import type { Load } from './load.js';
import type { Recorder } from './recorder.js';
import type { PanelClient } from './system-client.js';

/** Everything of one run that a fault can reach. */
export interface World {
  readonly tieout: Tieout;
  readonly demo: DemoSystems;
  readonly erp: PanelClient;
  readonly psa: PanelClient;
  readonly recorder: Recorder;
  readonly load: Load;
  /** A folder of this run. */
  readonly folder: string;
  /** What the people had to do. */
  readonly counted: { reversed: number };
  readonly say: (text: string) => void;
}

export interface Fault {
  /** Also the name of its result's file. */
  readonly id: string;
  readonly what: string;
  /** In the catalogue of what goes wrong in this field. */
  readonly catalogue?: string;
  /** Services that do not run as usual from the start. */
  readonly services?: () => Promise<Partial<Record<ServiceName, ServiceSettings>>>;
  /** Settings of the ERP from the start, on top of the usual ones ... */
  readonly erp?: Partial<PanelSettings>;
  /** ... and what Tieout's connection to it says of them. */
  readonly connection?: Readonly<Record<string, string>>;
  /** Before the load begins. */
  readonly prepare?: (world: World) => Promise<void>;
  readonly strike: (world: World) => Promise<void>;
  /** What must have happened by the end, at which system: a fault that found no occasion proves nothing. */
  readonly fires?: { readonly system: 'erp' | 'psa'; readonly kinds: readonly SandboxFault[] };
  /** Between strike and heal; 0: it heals by itself, or strikes and is over. */
  readonly lastsMs: number;
  readonly heal?: (world: World) => Promise<void>;
  /** What a person does afterwards, where Tieout rightly waits for one. */
  readonly afterwards?: (world: World) => Promise<void>;
  /** What must hold at the end beside all the rest. */
  readonly also?: (world: World) => Promise<Check[]>;
  /** False: what it costs in time says nothing, as when two minutes of work are lost on purpose. */
  readonly timed?: boolean;
}
