import type { Leg } from '@tieout/model';
import type { Bundle, BundleFileName } from '../bundle/schemas.js';
import { feedsOf, shareOf } from '../compile/feeds.js';
import { meetsAny } from './connection-checks.js';
import type { BundleFile, Path } from '../reading/bundle-file.js';

type Files = Readonly<Record<BundleFileName, BundleFile>>;
type Connections = Bundle['connections.yaml']['connections'];

/** What the three feeds need of a bundle, beyond the shape of each file. */
export const checkFeeds = (bundle: Bundle, files: Files): void => {
  const { connections } = bundle['connections.yaml'];
  for (const [id, declaration] of Object.entries(connections)) checkBudget(id, declaration, files['connections.yaml']);
  checkConnectionsOfCalendars(bundle, files['calendars.yaml']);
  checkSummaries(bundle, files['accounts.yaml']);
  checkLegs(bundle, files['accounts.yaml']);
};

const checkBudget = (id: string, declaration: Connections[string], file: BundleFile): void => {
  const { budget, adoption } = declaration;
  const feeds = feedsOf(declaration);
  const at: Path = ['connections', id];
  if (adoption && feeds.length === 0)
    file.reportKey(
      [...at, 'adoption'],
      `connection "${id}" is no destination, so nothing can be adopted from it`,
      'remove "adoption"',
    );
  if (!budget) {
    if (feeds.length > 1)
      file.reportKey(
        at,
        `connection "${id}" is used by ${feeds.join(' and ')}, which would each take all that it allows`,
        'add "budget: { slots: ..., shares: { ... } }"',
      );
    return;
  }
  const shares = Object.entries(budget.shares ?? {}) as [(typeof feeds)[number], number | undefined][];
  for (const [feed, share] of shares)
    if (share !== undefined && !feeds.includes(feed))
      file.reportKey(
        [...at, 'budget', 'shares', feed],
        `connection "${id}" has a share for ${feed} but not its role`,
        `remove the share, or add "${feed}" to the roles`,
      );
  const without = feeds.filter((feed) => budget.shares?.[feed] === undefined);
  if (without.length > 0 && (feeds.length > 1 || budget.shares))
    file.reportKey([...at, 'budget'], `the budget of "${id}" has no share for ${without.join(' and ')}`, 'add it to "shares"');
  const sum = shares.reduce((total, [, share]) => total + (share ?? 0), 0);
  if (sum > 1 + 1e-9)
    file.reportKey(
      [...at, 'budget', 'shares'],
      `the shares of "${id}" come to ${Number(sum.toFixed(6))}: together the feeds would exceed its limit`,
      'lower them to 1 or less in sum',
    );
  const slots = feeds.reduce((total, feed) => total + shareOf(declaration, feed)!.slots, 0);
  // Reported as too high a sum already.
  if (slots > budget.slots && sum <= 1 + 1e-9 && without.length === 0)
    file.report(
      [...at, 'budget', 'slots'],
      `${budget.slots} slots are too few: each of ${feeds.join(' and ')} needs at least one`,
      `raise "slots" to ${slots} or more`,
    );
};

const checkConnectionsOfCalendars = (bundle: Bundle, file: BundleFile): void => {
  const { connections } = bundle['connections.yaml'];
  const { dispatchWindows, changeWindows, freezes } = bundle['calendars.yaml'];
  for (const id of Object.keys(dispatchWindows))
    meetsAny(connections, id, (message, fix) => file.reportKey(['dispatchWindows', id], message, fix));
  for (const [name, blocks] of Object.entries({ changeWindows, freezes }))
    blocks.forEach((block, index) =>
      block.connections?.forEach((id, place) =>
        meetsAny(connections, id, (message, fix) => file.report([name, index, 'connections', place], message, fix)),
      ),
    );
};

const checkSummaries = (bundle: Bundle, file: BundleFile): void => {
  const { connections } = bundle['connections.yaml'];
  bundle['accounts.yaml'].summarise.forEach(({ when }, index) =>
    when?.destinations?.forEach((id, place) =>
      meetsAny(connections, id, (message, fix) => file.report(['summarise', index, 'when', 'destinations', place], message, fix)),
    ),
  );
};

/** A leg that no rule takes would block every line of it. */
const checkLegs = (bundle: Bundle, file: BundleFile): void => {
  const { accounts, legs, accruals } = bundle['accounts.yaml'];
  const needed = new Map<Leg, Path>();
  for (const type of ['employee', 'contractor'] as const) for (const leg of legs[type]) needed.set(leg, ['legs', type]);
  if (bundle['validation.yaml'].intercompany === 'due-to-due-from')
    for (const leg of ['intercompany-due-from', 'intercompany-due-to'] as const) needed.set(leg, ['accounts']);
  if (accruals.missing === 'accrue' || accruals.unapproved === 'accrue') needed.set('time-accrual', ['accruals']);
  for (const [leg, path] of needed)
    if (!accounts.some(({ when }) => when?.legs === undefined || when.legs.includes(leg)))
      file.report(path, `no account rule takes the leg ${leg}`, `add a rule with "when: { legs: [${leg}] }" to "accounts"`);
};
