import type { NewTarget, PlanTarget, SentTarget, Targets } from '@tieout/delivery';
import type { Tx } from '@tieout/persistence';
import { targetKey, type StoredTarget, type Tables } from './tables.js';

/** The port as PostgreSQL fulfils it, in memory. */
export class SimulatedTargets implements Targets {
  constructor(private readonly tables: Tables) {}

  async take(_tx: Tx, releases: readonly NewTarget[]): Promise<ReadonlySet<string>> {
    const taken = new Set<string>();
    for (const release of [...releases].sort((a, b) => (a.entryId < b.entryId ? -1 : 1))) {
      const known = this.tables.releases.get(release.entryId);
      if (known !== undefined && known.releaseNo >= release.releaseNo) continue;
      this.tables.releases.put(release.entryId, { releaseNo: release.releaseNo });
      taken.add(release.entryId);
      this.#store(release);
    }
    return taken;
  }

  #store(release: NewTarget): void {
    const { targets } = this.tables;
    const routed = new Set(release.wanted.map(({ destination }) => destination));
    const changed = {
      releaseNo: release.releaseNo,
      traceparent: release.traceparent,
      planning: 'dirty',
      rank: release.rank,
    } as const;
    for (const target of targets.where((row) => row.entryId === release.entryId && !routed.has(row.destination)))
      targets.put(targetKey(target), { ...target, ...changed, wanted: [], order: this.tables.nextSequence() });
    for (const { destination, lines } of release.wanted) {
      const { entryId, legalEntityId } = release;
      const row: StoredTarget = {
        ...changed,
        entryId,
        destination,
        legalEntityId,
        wanted: lines,
        order: this.tables.nextSequence(),
      };
      targets.put(targetKey(row), row);
    }
  }

  async lockDirty(_tx: Tx, limit: number, except: readonly string[]): Promise<PlanTarget[]> {
    const dirty = this.tables.targets.where((row) => row.planning === 'dirty' && !except.includes(row.destination));
    return dirty.sort((a, b) => a.rank - b.rank || a.order - b.order).slice(0, limit);
  }

  async sent(_tx: Tx, entryIds: readonly string[]): Promise<SentTarget[]> {
    const asked = new Set(entryIds);
    const { targets, postings, documents } = this.tables;
    return targets.where(
      (target) =>
        asked.has(target.entryId) &&
        target.wanted.length > 0 &&
        postings
          .where((line) => targetKey(line) === targetKey(target))
          .some(
            ({ state, documentKey }) =>
              ['sending', 'unknown', 'posted', 'confirmed'].includes(state) ||
              (state === 'pending' && documentKey !== null && documents.get(documentKey)?.exposed === true),
          ),
    );
  }

  async planned(
    _tx: Tx,
    targets: readonly { entryId: string; destination: string }[],
    planning: 'clean' | 'waiting',
  ): Promise<void> {
    for (const target of targets) this.tables.targets.change(targetKey(target), { planning });
  }

  async wake(_tx: Tx, destination: string, entryIds: readonly string[]): Promise<boolean> {
    const waiting = [...new Set(entryIds)]
      .map((entryId) => targetKey({ entryId, destination }))
      .filter((key) => this.tables.targets.get(key)?.planning === 'waiting');
    for (const key of waiting) this.tables.targets.change(key, { planning: 'dirty' });
    return waiting.length > 0;
  }

  async postpone(_tx: Tx, target: { entryId: string; destination: string }): Promise<void> {
    const key = targetKey(target);
    const row = this.tables.targets.get(key);
    if (row !== undefined) this.tables.targets.change(key, { rank: row.rank + 1_000_000, order: this.tables.nextSequence() });
  }
}
