import { SettleUnknown, type ReplaySelection, type Settlement } from '@tieout/delivery';
import { entryIdOf } from './network.js';
import { short } from './trace.js';
import type { World } from './world.js';

/** Rounds until every case is worked through: what one settles may bring the next. */
const ROUNDS = 8;
const SIGN_EVERY_MS = 4_000;
const PERSON = 'user:simulated';

/** The people who work through the cases: they look into the destinations and tell the truth. */
export class People {
  constructor(
    private readonly world: World,
    /** Lets the world go on until nothing moves. */
    private readonly rest: () => Promise<void>,
  ) {}

  /** What they do while the world is still unruly. */
  start(): void {
    const { script, time, trace } = this.world;
    for (const replay of script.replays)
      time.after(replay.atMs, () => {
        const what = 'entry' in replay ? `entry ${replay.entry + 1}` : script.destinations[replay.destination]!.id;
        trace.note('person', `replays ${what}`);
        const selection: ReplaySelection =
          'entry' in replay ? { by: 'entries', entryIds: [entryIdOf(replay.entry)] } : { by: 'destination', destination: what };
        this.world
          .anyone()
          ?.replay(selection, PERSON)
          .catch(() => undefined);
      });
    if (script.signed) this.#signLater();
  }

  #signLater(): void {
    const { time, trace, tables } = this.world;
    time.after(SIGN_EVERY_MS, () => {
      const held = tables.documents.where((row) => row.state === 'frozen' && row.held).map((row) => row.documentKey);
      if (held.length > 0) {
        trace.note('payroll', `signs ${held.map(short).join(', ')}`);
        this.world
          .anyone()
          ?.sign(held)
          .catch(() => undefined);
      }
      this.#signLater();
    });
  }

  async work(): Promise<void> {
    const { world } = this;
    for (let round = 0; round < ROUNDS; round++) if (!(await this.#settle())) break;
    world.mended = world.script.mended;
    if (await this.#retry()) for (let round = 0; round < ROUNDS; round++) if (!(await this.#settle())) break;
  }

  /** Documents of which only a person can tell. */
  async #settle(): Promise<boolean> {
    const { world } = this;
    const unknown = world.tables.documents.where((row) => row.state === 'unknown');
    for (const { documentKey, destination, unknownWhy } of unknown) {
      const settlement = this.#look(documentKey, destination);
      world.trace.note(
        'person',
        `looks for document ${short(documentKey)} (${unknownWhy}) in ${destination}: ${settlement.verdict}`,
      );
      await this.#ask((process) => {
        const { ledger, destinations } = process;
        return new SettleUnknown(ledger, destinations).settle(documentKey, settlement, PERSON);
      });
    }
    if (unknown.length > 0) await this.rest();
    return unknown.length > 0;
  }

  /** What stands there; what stands twice is taken back there, by hand. */
  #look(documentKey: string, destination: string): Settlement {
    const server = this.world.servers.find(({ script }) => script.id === destination)!;
    const [booked, ...surplus] = server.books.documents.filter(
      ({ reference, state }) => reference === documentKey && state === 'posted',
    );
    for (const again of surplus) again.state = 'discarded';
    return booked === undefined ? { verdict: 'not-booked' } : { verdict: 'booked', externalId: booked.externalId };
  }

  /** Refused and blocked lines are tried again, whether or not their cause is mended. */
  async #retry(): Promise<boolean> {
    const { world } = this;
    const rows = world.tables.postings.where((row) => row.state === 'rejected' || row.blockedReason !== null);
    const keys = rows.map((row) => row.postingKey);
    if (keys.length === 0) return false;
    world.trace.note('person', `retries ${keys.length} lines${world.mended ? ', their cause is mended' : ''}`);
    await this.#ask((process) => process.retry(keys, PERSON));
    await this.rest();
    return true;
  }

  /** Whoever gets no answer asks again, and comes to another replica: with fewer slots than replicas, some can read nothing there. */
  async #ask(command: (process: NonNullable<ReturnType<World['anyone']>>) => Promise<unknown>): Promise<void> {
    const { world } = this;
    for (const process of world.everyone()) {
      let answer: 'done' | 'refused' | undefined;
      command(process).then(
        () => (answer = 'done'),
        () => (answer = 'refused'),
      );
      await world.time.run(world.time.nowMs + 10_000, () => answer !== undefined);
      if (answer === 'done') return;
    }
  }
}
