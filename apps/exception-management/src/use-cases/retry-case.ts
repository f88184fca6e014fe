import { COMMANDS, FEED_COMMANDS } from '@tieout/contracts';
import { FEEDS } from '@tieout/model';
import { SecondPersonNeeded, type ServiceRuntime } from '@tieout/service-kit';
import { appendAudit } from '@tieout/persistence';
import { findCase, itemsOf, type CaseItem } from '../adapters/postgres/case.store.js';
import { totalsOf, type ExceptionCase } from '../domain/exception-case.js';

const AT_ONCE = 10_000;

export type RetryOutcome =
  | { readonly kind: 'no-such-case' }
  | { readonly kind: 'nothing-to-retry'; readonly found: ExceptionCase }
  | { readonly kind: 'asked'; readonly items: number };

/** Asks the service that can act to try a case's items again: held entries are assessed, rejected lines sent anew. */
export class RetryCase {
  constructor(private readonly runtime: ServiceRuntime) {}

  /** @throws Problem second-person-needed, with the command that governance sends once somebody else agreed; nothing was asked then */
  async run(caseId: string, actor: string): Promise<RetryOutcome> {
    const { database, questions, clock, policy } = this.runtime;
    const found = await findCase(database, caseId);
    if (found === undefined) return { kind: 'no-such-case' };
    const commands = commandsFor(await itemsOf(database, found, AT_ONCE));
    if (commands.length === 0) return { kind: 'nothing-to-retry', found };
    for (const { subject, command, items } of commands) this.#refuseMany(subject, command, items);
    const policyDigest = policy.current().digest;
    const { legalEntityId } = found;
    const row = { actor, action: 'case.retry-asked', subjectKind: 'case', subjectId: caseId, legalEntityId, policyDigest };
    await appendAudit(database, [row], clock.now());
    for (const { subject, command } of commands) await questions.command(subject, { actor, ...command });
    return { kind: 'asked', items: commands.reduce((sum, { items }) => sum + items.length, 0) };
  }

  #refuseMany(subject: string, command: object, items: readonly CaseItem[]): void {
    const { hours, amounts } = totalsOf(items.map((item) => ({ ...item, work_date: item.workDate })));
    const size = { lines: items.length, hours, amounts };
    if (this.runtime.policy.current().secondPerson('bulk-fix', size))
      throw new SecondPersonNeeded('bulk-fix', { subject, command, size });
  }
}

interface RetryCommand {
  readonly subject: string;
  readonly command: object;
  readonly items: readonly CaseItem[];
}

/** What each service that can act is asked for. */
const commandsFor = (items: readonly CaseItem[]): RetryCommand[] => {
  const of = (prefix: string) => {
    const some = items.filter(({ itemKey }) => itemKey.startsWith(prefix));
    return { some, ids: some.map(({ itemKey }) => itemKey.slice(prefix.length)) };
  };
  const entries = of('entry:');
  return [
    { subject: COMMANDS.reassessEntries, command: { entryIds: entries.ids }, items: entries.some },
    ...FEEDS.map((feed) => {
      const { some, ids } = of(`${feed}:`);
      return { subject: FEED_COMMANDS[feed].retry, command: { postingKeys: ids }, items: some };
    }),
  ].filter(({ items: some }) => some.length > 0);
};
