import type { Clock } from '@tieout/clock';
import { attributesOn, type Feed, type Instant, type MasterObject } from '@tieout/model';
import type { CompiledPolicy, Where } from '@tieout/policy';
import type { FeedRules, MasterData } from './ports.js';

/** Asked before every claim; freezes last hours. */
const KEPT_MS = 1_000;

/** Which legal entities policy freezes for a destination while the connection itself is open. */
export const frozenEntities = (o: {
  readonly feed: Feed;
  readonly policy: { current(): Pick<CompiledPolicy, 'mayDispatch'> };
  readonly master: Pick<MasterData, 'byKind'>;
  readonly clock: Clock;
}): FeedRules['frozenEntities'] => {
  const kept = new Map<string, { readonly atMs: number; readonly frozen: readonly string[] }>();
  return async (tx, destination) => {
    const atMs = o.clock.epochMs();
    const known = kept.get(destination);
    if (known !== undefined && Math.abs(atMs - known.atMs) < KEPT_MS) return known.frozen;
    const now = o.clock.now();
    const entities = await o.master.byKind(tx, 'legal-entity');
    const frozen = entities
      .filter((entity) => !o.policy.current().mayDispatch(destination, o.feed, now, whereOf(entity, now)).open)
      .map(({ code }) => code);
    kept.set(destination, { atMs, frozen });
    return frozen;
  };
};

const whereOf = ({ code, timeline }: MasterObject, now: Instant): Where => ({
  legalEntityId: code,
  region: attributesOn({ kind: 'legal-entity', timeline }, now.slice(0, 10))?.region,
});
