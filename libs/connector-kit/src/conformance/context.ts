import { systemClock } from '@tieout/clock';
import { isFault, type FaultKind } from '@tieout/model';
import { expect } from 'vitest';
import type { ConnectionSettings } from '../config.js';
import { postingCapabilitiesOf, type Connector, type ConnectorDependencies } from '../connector.js';
import type { PostingCapabilities } from '../posting-target.js';
import type { ConformanceVendor } from './subject.js';

export const CONNECTION = 'conformance';
/** Above the impatient deadline of 1 s, below any default deadline: a connector that ignores its setting is found out. */
export const PATIENCE_MS = 4_000;

/** What the parts of the suite share: the connector and the vendor that stands once `beforeAll` has run. */
export class SuiteContext {
  #vendor: ConformanceVendor | undefined;
  constructor(readonly connector: Connector) {}

  get vendor(): ConformanceVendor {
    if (!this.#vendor) throw new Error('the vendor has not started');
    return this.#vendor;
  }
  set vendor(vendor: ConformanceVendor) {
    this.#vendor = vendor;
  }
  fixture<K extends 'time' | 'masterData' | 'posting' | 'projects'>(name: K): NonNullable<ConformanceVendor[K]> {
    const fixture = this.vendor[name];
    if (!fixture) throw new Error(`the manifest declares ${name}, but the subject brings no fixture for it`);
    return fixture as NonNullable<ConformanceVendor[K]>;
  }
  deps(network?: typeof fetch): ConnectorDependencies {
    return { connection: CONNECTION, clock: this.vendor.clock ?? systemClock, ...(network && { fetch: network }) };
  }
  /** Of the configuration under test; known once the vendor has started. */
  capabilities(): PostingCapabilities {
    const capabilities = postingCapabilitiesOf(this.connector, this.config());
    if (!capabilities) throw new Error('the manifest declares no posting');
    return capabilities;
  }
  config(settings: ConnectionSettings = this.vendor.settings): unknown {
    return this.connector.parseConfig(settings);
  }
}

/** Fails unless the promise rejects with one of these faults. */
export const expectFault = async (promise: Promise<unknown>, ...kinds: FaultKind[]): Promise<void> => {
  const outcome = await promise.then(
    (value: unknown) => `answered ${JSON.stringify(value)?.slice(0, 300) ?? 'nothing'}`,
    (error: unknown) => (isFault(error) ? error.kind : `threw ${String(error)}`),
  );
  expect(kinds).toContain(outcome);
};

export const within = async <T>(ms: number, promise: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no outcome within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
};
