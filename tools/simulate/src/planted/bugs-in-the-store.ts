import { LocalBudget, type Documents, type Ledger, type PostingRow, type Postings, type Targets } from '@tieout/delivery';
import type { PlantedBug, World } from '../world.js';
import { bent } from './bent.js';

const documents = (change: (documents: Documents, world: World) => Partial<Documents>): PlantedBug['ledger'] => {
  return (ledger, world) => ({ ...ledger, documents: bent(ledger.documents, change(ledger.documents, world)) });
};
const postings = (change: (postings: Postings, world: World) => Partial<Postings>): PlantedBug['ledger'] => {
  return (ledger, world) => ({ ...ledger, postings: bent(ledger.postings, change(ledger.postings, world)) });
};
const targets = (change: (targets: Targets, world: World) => Partial<Targets>): PlantedBug['ledger'] => {
  return (ledger: Ledger, world) => ({ ...ledger, targets: bent(ledger.targets, change(ledger.targets, world)) });
};

const inFlight = ({ state }: PostingRow): boolean => state === 'sending' || state === 'unknown';
/** Above every number that a script uses. */
const REPEATED = 1_000;

export const BUGS_IN_THE_STORE: readonly PlantedBug[] = [
  {
    name: 'no-fencing',
    what: 'whoever comes back late writes its outcome all the same',
    ledger: documents((straight) => ({
      lockFenced: (tx, rows) =>
        straight.lock(
          tx,
          rows.map((row) => row.documentKey),
        ),
    })),
  },
  {
    name: 'look-up-too-early',
    what: 'absence counts at once, without the deadline and the settle time',
    ledger: documents((straight) => ({
      takeDue: async (tx, destination, o) =>
        (await straight.takeDue(tx, destination, o)).map((row) => ({ ...row, absenceCounts: true })),
    })),
  },
  {
    name: 'lease-shorter-than-request',
    what: 'a claim ends while its request may still be under way',
    ledger: documents((straight) => ({
      claim: (tx, destination, o) => straight.claim(tx, destination, { ...o, leaseMs: 150 }),
    })),
  },
  {
    name: 'reversal-of-an-unsent-line',
    what: 'a line that never left is cancelled and reversed as well',
    ledger: postings((straight) => ({
      lockOf: async (tx, wanted) =>
        (await straight.lockOf(tx, wanted)).map((row) =>
          row.state === 'pending' && row.kind === 'post' && row.documentKey === null ? { ...row, state: 'posted' as const } : row,
        ),
      insert: async (tx, lines, now) => {
        await straight.insert(tx, lines, now);
        const unsent = lines.flatMap((line) =>
          line.reverses === undefined ? [] : [{ postingKey: line.reverses, entryId: line.entryId }],
        );
        await straight.move(tx, 'cancel', unsent, now);
      },
    })),
  },
  {
    name: 'correction-overtakes-a-send',
    what: 'planning does not wait for lines that are on their way',
    ledger: postings((straight) => ({
      lockOf: async (tx, wanted) => (await straight.lockOf(tx, wanted)).filter((row) => !inFlight(row)),
    })),
  },
  {
    name: 'adjustment-cut-at-zero',
    what: 'a negative adjustment is written as zero',
    ledger: postings((straight) => ({
      insert: (tx, lines, now) =>
        straight.insert(
          tx,
          lines.map((line) =>
            line.kind === 'adjustment' && line.content.hours.startsWith('-')
              ? { ...line, content: { ...line.content, hours: '0', amount: '0' } }
              : line,
          ),
          now,
        ),
    })),
  },
  {
    name: 'older-release-overwrites',
    what: 'the release that arrives last counts, not the one with the highest number',
    ledger: targets((straight, world) => ({
      take: (tx, releases, now) => {
        for (const { entryId } of releases) world.tables.releases.put(entryId, { releaseNo: 0 });
        return straight.take(tx, releases, now);
      },
    })),
  },
  {
    name: 'repeated-event-plans-twice',
    what: 'an event that is delivered again is planned as something new',
    ledger: (ledger, world) => ({
      ...ledger,
      targets: bent(ledger.targets, {
        take: (tx, releases, now) =>
          ledger.targets.take(
            tx,
            releases.map((release) =>
              world.tables.releases.get(release.entryId)?.releaseNo === release.releaseNo
                ? { ...release, releaseNo: release.releaseNo + REPEATED }
                : release,
            ),
            now,
          ),
      }),
      postings: bent(ledger.postings, {
        lockOf: async (tx, wanted) => {
          const fresh = new Set(wanted.filter((target) => target.releaseNo > REPEATED).map((target) => target.entryId));
          return (await ledger.postings.lockOf(tx, wanted)).filter((row) => !fresh.has(row.entryId) || row.releaseNo > REPEATED);
        },
      }),
    }),
  },
  {
    name: 'old-destination-forgotten',
    what: 'an entry that is routed elsewhere keeps standing where it was',
    ledger: targets((straight, world) => ({
      take: async (tx, releases, now) => {
        const routed = releases.map((release) => {
          const kept = world.tables.targets
            .where(
              (row) =>
                row.entryId === release.entryId && !release.wanted.some(({ destination }) => destination === row.destination),
            )
            .map(({ destination, wanted }) => ({ destination, lines: wanted }));
          return release.wanted.length === 0 ? release : { ...release, wanted: [...release.wanted, ...kept] };
        });
        return straight.take(tx, routed, now);
      },
    })),
  },
  {
    name: 'budget-ignored',
    what: 'a second replica sends as if it were alone',
    budget: (shared, replica, slots) => (replica === 0 ? shared : new LocalBudget(slots)),
  },
];
