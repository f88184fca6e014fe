import { withDeadline, type Destination } from './destination.js';
import type { Ledger } from './ports.js';

/**
 * Asks a destination that failed whether it is back when nothing else does: otherwise an outage that ends while there is nothing to send
 * would be told for ever.
 */
export class ProbeConnection {
  constructor(
    private readonly ledger: Ledger,
    private readonly destination: Destination,
  ) {}

  async run(): Promise<'idle'> {
    const { budget, capabilities } = this.destination;
    if (!budget.ailing() || budget.paused('look-up') !== undefined) return 'idle';
    const target = this.destination.target();
    await budget
      .use('look-up', () => withDeadline(this.ledger.timers, 'read', capabilities.requestTimeoutMs, () => target.verifyAccess()))
      // The budget learnt how it ended.
      .catch(() => undefined);
    return 'idle';
  }
}
