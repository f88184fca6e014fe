import { it } from 'vitest';
import { expectFault, PATIENCE_MS, within, type SuiteContext } from './context.js';
import { answering, refused, silent } from './network.js';
import type { ConnectorDependencies } from '../connector.js';

export type Calls = (config: unknown, deps: ConnectorDependencies) => Readonly<Record<string, () => Promise<unknown>>>;

const each = async (
  calls: Readonly<Record<string, () => Promise<unknown>>>,
  check: (call: () => Promise<unknown>) => Promise<void>,
): Promise<void> => {
  for (const [name, call] of Object.entries(calls)) {
    try {
      await check(call);
    } catch (cause) {
      throw new Error(`${name}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
  }
};

/** What every reading method owes, whatever the capability: a named fault, in time, and never an empty answer instead. */
export const itReadsFaultsTruly = (context: SuiteContext, calls: Calls): void => {
  it('wrong credentials are CredentialsRejected, never an empty answer', async ({ skip }) => {
    const { wrongCredentials } = context.vendor;
    if (!wrongCredentials) return skip('the system has no credentials');
    await each(calls(context.config(wrongCredentials), context.deps()), (call) => expectFault(call(), 'CredentialsRejected'));
  });

  it('a vendor that is away is Unavailable', async () => {
    if (context.vendor.takeAway) {
      const back = await context.vendor.takeAway();
      try {
        await each(calls(context.config(), context.deps()), (call) => expectFault(call(), 'Unavailable'));
      } finally {
        await back();
      }
      return;
    }
    await each(calls(context.config(), context.deps(refused)), (call) => expectFault(call(), 'Unavailable'));
  });

  it('a vendor that never answers is Unavailable within the deadline', async ({ skip }) => {
    const { impatient } = context.vendor;
    if (!impatient) return skip('the system has no network');
    await each(calls(context.config(impatient), context.deps(silent)), (call) =>
      expectFault(within(PATIENCE_MS, call()), 'Unavailable'),
    );
  });

  it('429 is RateLimited, 5xx is Unavailable, a page that is no JSON is ContractBroken', async ({ skip }) => {
    if (context.vendor.takeAway) return skip('the system has no network');
    const config = context.config();
    await each(calls(config, context.deps(answering(429, '', { 'retry-after': '7' }))), (call) =>
      expectFault(call(), 'RateLimited'),
    );
    await each(calls(config, context.deps(answering(503, ''))), (call) => expectFault(call(), 'Unavailable'));
    await each(calls(config, context.deps(answering(200, '<html>maintenance</html>'))), (call) =>
      expectFault(call(), 'ContractBroken'),
    );
  });
};
