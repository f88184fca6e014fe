import { setTimeout as delay } from 'node:timers/promises';
import { addDecimals, decimal } from '@tieout/model';
import type { DemoEntry, DemoFirm } from '@tieout/sandbox';
import { callSystem } from './system-client.js';

export interface LoadRates {
  readonly entriesPerSecond: number;
  readonly correctionsPerSecond: number;
}
export const USUAL_RATES: LoadRates = { entriesPerSecond: 10, correctionsPerSecond: 3 };

/** Below every daily limit of the demo bundle (the lowest is 12), with room for corrections. */
const HOURS_A_DAY = 11;
const ROOM_PER_ENTRY = 1;
const HOURS = ['0.25', '0.5', '0.75', '1'] as const;
/** Key sweeps find deletions, and need two readings: only a few, or a run would wait for nothing else. */
const DELETE_EVERY = 40;

type Act = 'change' | 'change-twice' | 'change-back' | 'take-back' | 'delete';
const ACTS: readonly Act[] = ['change', 'change-twice', 'change', 'change-back', 'take-back', 'change'];

interface Place {
  readonly sample: DemoEntry;
  room: number;
}

const dayOf = ({ worker, date }: DemoEntry): string => `${worker} ${date}`;

/** Days of people on which more time may be booked without anything being held, with a sample of their time. */
const freePlaces = (firm: DemoFirm): Place[] => {
  const days = Map.groupBy(firm.entries, dayOf);
  return [...days.values()].flatMap((entries) => {
    const [sample] = entries;
    if (!sample || entries.some(({ connection, outcome }) => connection !== 'psa' || outcome !== 'released')) return [];
    const room = Math.floor((HOURS_A_DAY - decimal(addDecimals(entries.map(({ hours }) => hours))).toNumber()) / ROOM_PER_ENTRY);
    return room > 0 ? [{ sample, room }] : [];
  });
};

/** People at work in the PSA: new time, approved at once, and corrections of it. Knows what must stand in the end. */
export class Load {
  readonly #places: Place[];
  readonly #entries = new Map<string, DemoEntry>();
  readonly #busy = new Set<string>();
  #corrections = 0;
  #running: Promise<unknown> | undefined;
  #stopping = false;
  #next = 0;

  constructor(
    private readonly psa: { readonly url: string; readonly key: string },
    private readonly firm: DemoFirm,
    private readonly rates: LoadRates,
  ) {
    this.#places = freePlaces(firm);
  }

  /** A second start changes nothing. */
  start(): void {
    if (this.#running) return;
    const { entriesPerSecond, correctionsPerSecond } = this.rates;
    this.#running = Promise.all([
      this.#every(1000 / entriesPerSecond, () => this.#create()),
      this.#every(1000 / correctionsPerSecond, () => this.#correct()),
    ]);
    this.#running.catch(() => undefined);
  }
  /** @throws Error when the PSA refused something: then nothing is proven. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#running;
  }
  get entries(): number {
    return this.#entries.size;
  }
  /** Projects that time is about to be booked to, for whoever wants to refuse some of it. */
  get projects(): readonly string[] {
    return [...new Set(this.#places.map(({ sample }) => sample.project))];
  }
  get corrections(): number {
    return this.#corrections;
  }
  /** The demo firm with this time in it, each entry as it was left. */
  expectedFirm(): DemoFirm {
    return { ...this.firm, entries: [...this.firm.entries, ...this.#entries.values()] };
  }

  async #every(ms: number, act: () => Promise<void>): Promise<void> {
    const under: Promise<void>[] = [];
    for (let at = performance.now(); !this.#stopping; at += ms) {
      under.push(act());
      await delay(Math.max(0, at + ms - performance.now()));
    }
    await Promise.all(under);
  }
  #call(method: string, path: string, body?: unknown): Promise<unknown> {
    return callSystem(this.psa.url, { 'x-psa-key': this.psa.key }, method, `/v2/timesheets${path}`, body);
  }
  #approve({ key, approvedBy }: DemoEntry): Promise<unknown> {
    return this.#call('POST', `/${key}/approve`, { by: approvedBy });
  }

  async #create(): Promise<void> {
    const number = (this.#next += 1);
    const place = this.#places[(number * 7919) % this.#places.length]!;
    if (place.room === 0) return;
    place.room -= 1;
    const key = `LD-${String(number).padStart(6, '0')}`;
    const entry: DemoEntry = { ...place.sample, key, hours: HOURS[number % HOURS.length]!, revision: 1 };
    const { worker: employee, project, task, activity, date, hours, billable } = entry;
    this.#busy.add(key);
    await this.#call('POST', '', { id: key, employee, project, task, activity, date, hours, billable });
    await this.#approve(entry);
    this.#entries.set(key, entry);
    this.#busy.delete(key);
  }

  async #correct(): Promise<void> {
    const keys = [...this.#entries.keys()];
    const number = (this.#corrections += 1);
    // Both what was booked long ago and what may be on its way just now.
    const key = keys[number % 2 === 0 ? keys.length - 1 : (number * 31) % Math.max(1, keys.length)];
    const entry = key === undefined ? undefined : this.#entries.get(key);
    if (key === undefined || entry?.outcome !== 'released' || this.#busy.has(key)) {
      this.#corrections -= 1;
      return;
    }
    this.#busy.add(key);
    const act = number % DELETE_EVERY === DELETE_EVERY - 1 ? 'delete' : ACTS[number % ACTS.length]!;
    this.#entries.set(key, await this.#apply(act, entry));
    this.#busy.delete(key);
  }
  async #apply(act: Act, entry: DemoEntry): Promise<DemoEntry> {
    await this.#call('POST', `/${entry.key}/unapprove`);
    if (act === 'take-back') return { ...entry, status: 'submitted', outcome: 'not-approved' };
    if (act === 'delete') {
      await this.#call('DELETE', `/${entry.key}`);
      return { ...entry, status: 'withdrawn', outcome: 'withdrawn' };
    }
    const other = entry.hours === '1' ? '0.25' : '1';
    const changes = act === 'change' ? [other] : act === 'change-twice' ? ['0.5', other] : [other, entry.hours];
    for (const [index, hours] of changes.entries()) {
      if (index > 0) await this.#call('POST', `/${entry.key}/unapprove`);
      await this.#call('PATCH', `/${entry.key}`, { hours });
      await this.#approve(entry);
    }
    return { ...entry, hours: changes.at(-1)! };
  }
}
