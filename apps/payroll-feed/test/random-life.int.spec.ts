import { addDecimals, sameDecimal, type ReleasedContent } from '@tieout/model';
import { expect, it } from 'vitest';
import { content, entry, World } from './world.js';

const ENTRIES = 6;
const STEPS = 45;
const MONTHS = ['2026-11', '2026-12', '2027-01', '2027-02', '2027-03', '2027-04'];

/** Mulberry32: the same seed, the same life. */
const randomOf = (seed: number) => {
  let state = seed;
  return (below: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * below);
  };
};

/** What happens to a payroll in half a year, in any order. */
class Life {
  readonly latest = new Map<number, { releaseNo: number; content: ReleasedContent | null }>();
  readonly told: string[] = [];

  constructor(
    private readonly world: World,
    private readonly random: (below: number) => number,
  ) {}

  async step(): Promise<void> {
    const acts = [
      this.release,
      this.release,
      this.release,
      this.timePasses,
      this.sign,
      this.sign,
      this.restart,
      this.mishap,
      this.move,
    ];
    const act = acts[this.random(acts.length)]!;
    this.told.push(act.name);
    await act.call(this);
    if (this.random(3) > 0) await this.world.rounds(1 + this.random(2));
  }

  async release(): Promise<void> {
    const n = this.random(ENTRIES);
    const releaseNo = (this.latest.get(n)?.releaseNo ?? 0) + 1;
    const withdrawn = this.random(6) === 0;
    const next = withdrawn
      ? null
      : content({
          workerCode: `E${1 + (n % 3)}`,
          hours: String(1 + this.random(32) / 4),
          payCode: ['NORMAL', 'NIGHT', 'VACATION'][this.random(3)]!,
          workDate: `2026-11-${10 + this.random(9)}`,
          // Some are approved in time and arrive late.
          approvedAt: new Date(this.world.clock.epochMs() - this.random(2) * this.random(40) * 86_400_000).toISOString(),
        });
    this.latest.set(n, { releaseNo, content: next });
    await this.world.take([n, releaseNo, next]);
  }
  async timePasses(): Promise<void> {
    const days = 1 + this.random(12);
    const at = Math.min(this.world.clock.epochMs() + days * 86_400_000, Date.parse('2027-04-01T00:00:00.000Z'));
    await this.world.at(new Date(at).toISOString());
  }
  /** Sometimes on what is no longer true. */
  async sign(): Promise<void> {
    for (const run of await this.world.signable()) {
      const { hash } = await this.world.preview(run.payPeriod);
      if (this.random(2) === 0) await this.release();
      await Promise.all([this.world.sign(run.payPeriod, hash), this.world.newProcess().planAndFreeze()]);
      // Between the signature and the request.
      for (let n = this.random(3); n > 0; n--) await this.release();
      await this.world.process.planAndFreeze();
    }
  }
  async restart(): Promise<void> {
    this.world.process = this.world.newProcess();
  }
  async mishap(): Promise<void> {
    const { bureau } = this.world;
    bureau.losesAnswers = this.random(3) === 0;
    bureau.acknowledgesAtOnce = this.random(2) === 0;
    const refused = `E${1 + this.random(3)}`;
    bureau.refuses = this.random(3) === 0 ? (line) => (line.workerCode === refused ? 'no contract' : undefined) : () => undefined;
  }
  async move(): Promise<void> {
    await this.world.worker('E1', {}, [{ validFrom: this.world.clock.now().slice(0, 10), payGroup: 'DE-W' }]);
  }

  /** Everything is mended, signed and paid. */
  async heal(): Promise<void> {
    const { bureau } = this.world;
    bureau.losesAnswers = false;
    bureau.refuses = () => undefined;
    for (let n = 0; n < 12; n++) {
      bureau.acknowledgesAtOnce = true;
      bureau.acknowledge();
      await this.world.rounds(2);
      await this.world.retryRejected();
      for (const { payPeriod } of await this.world.signable()) await this.world.sign(payPeriod);
      await this.world.at(
        new Date(Math.min(this.world.clock.epochMs() + 15 * 86_400_000, Date.parse('2027-04-26T00:00:00.000Z'))).toISOString(),
      );
    }
    await this.world.rounds(3);
  }

  async wrong(): Promise<string[]> {
    const { bureau } = this.world;
    const keys = bureau.keys();
    const lines = bureau.batches.filter(({ state }) => state === 'acknowledged').flatMap((batch) => batch.lines);
    const wrong = keys.length === new Set(keys).size ? [] : ['a line was taken twice'];
    for (const [n, { content: wanted }] of this.latest) {
      for (const payCode of ['NORMAL', 'NIGHT', 'VACATION']) {
        const paid = addDecimals(
          lines.filter((line) => line.entryId === entry(n) && line.payCode === payCode).map((line) => line.hours),
        );
        const owed = wanted !== null && wanted.payCode === payCode && payCode !== 'VACATION' ? wanted.hours : '0';
        if (!sameDecimal(paid, owed)) wrong.push(`entry ${n}: ${paid} hours ${payCode} are paid, ${owed} are owed`);
      }
    }
    // Nothing joined or left a run after its signature.
    for (const { payPeriod, message } of await this.world.acknowledged())
      if (message !== null) wrong.push(`${payPeriod}: ${message}`);
    return wrong;
  }
}

it.each([1, 2, 3, 4])(
  'seed %i: whatever happens, what is paid sums to the latest release, and nothing is taken twice',
  async (seed) => {
    const world = await World.create();
    try {
      for (const group of ['DE-M', 'DE-W'])
        for (const month of MONTHS) await world.payPeriod(`${group}/${month}`, { endDate: `${month}-28` });
      const life = new Life(world, randomOf(seed));
      for (let n = 0; n < STEPS; n++) await life.step();
      await life.heal();
      expect(await life.wrong(), life.told.join(' ')).toEqual([]);
      expect(life.told).toContain('sign');
      expect(world.bureau.batches.length).toBeGreaterThan(0);
    } finally {
      await world.close();
    }
  },
);
