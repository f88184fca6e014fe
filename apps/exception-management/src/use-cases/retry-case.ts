import { COMMANDS, FEED_COMMANDS } from '@tieout/contracts';
import { FEEDS } from '@tieout/model';
import type { ServiceRuntime } from '@tieout/service-kit';
import { appendAudit } from '@tieout/persistence';
import { findCase, itemsOf } from '../adapters/postgres/case.store.js';
import type { ExceptionCase } from '../domain/exception-case.js';

const AT_ONCE = 10_000;

export type RetryOutcome =
  | { readonly kind: 'no-such-case' }
  | { readonly kind: 'nothing-to-retry'; readonly found: ExceptionCase }
  | { readonly kind: 'asked'; readonly items: number };

/** Asks the service that can act to try a case's items again: held entries are assessed, rejected lines sent anew. */
export class RetryCase {
  constructor(private readonly runtime: ServiceRuntime) {}

  async run(caseId: string, actor: string): Promise<RetryOutcome> {
    const { database, questions, clock } = this.runtime;
    const found = await findCase(database, caseId);
    if (found === undefined) return { kind: 'no-such-case' };
    const items = await itemsOf(database, found, AT_ONCE);
    const idsOf = (prefix: string) =>
      items.flatMap(({ itemKey }) => (itemKey.startsWith(prefix) ? [itemKey.slice(prefix.length)] : []));
    const entryIds = idsOf('entry:');
    const lines = FEEDS.map((feed) => ({ feed, postingKeys: idsOf(`${feed}:`) })).filter(
      ({ postingKeys }) => postingKeys.length > 0,
    );
    const asked = lines.reduce((sum, { postingKeys }) => sum + postingKeys.length, entryIds.length);
    if (asked === 0) return { kind: 'nothing-to-retry', found };
    await appendAudit(
      database,
      [{ actor, action: 'case.retry-asked', subjectKind: 'case', subjectId: caseId, legalEntityId: found.legalEntityId }],
      clock.now(),
    );
    if (entryIds.length > 0) await questions.command(COMMANDS.reassessEntries, { actor, entryIds });
    for (const { feed, postingKeys } of lines) await questions.command(FEED_COMMANDS[feed].retry, { actor, postingKeys });
    return { kind: 'asked', items: asked };
  }
}
