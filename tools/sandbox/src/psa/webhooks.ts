import { createHmac, randomUUID } from 'node:crypto';
import type { Panel } from '../kit/panel.js';

const RETRY_AFTER_MS = [200, 500, 1_000, 2_000, 5_000];
const TIMEOUT_MS = 5_000;

interface Delivery {
  readonly id: string;
  readonly body: string;
}

export interface WebhookTarget {
  url: string | undefined;
  secret: string;
}

/** Tells one URL which timesheets changed: at least once, in no promised order, and, when the panel says so, not at all. */
export class Webhooks {
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #stopped = new AbortController();
  #held: Delivery | undefined;
  constructor(
    private readonly target: WebhookTarget,
    private readonly panel: Panel,
  ) {}

  changed(timesheetIds: readonly string[]): void {
    if (this.target.url === undefined) return;
    const delivery = { id: randomUUID(), body: JSON.stringify({ event: 'timesheets.changed', timesheetIds }) };
    if (this.panel.take('webhook-drop')) return;
    if (this.panel.take('webhook-reorder')) {
      this.#held = delivery;
      return;
    }
    void this.#send(delivery, 0);
    if (this.panel.take('webhook-duplicate')) void this.#send(delivery, 0);
    if (this.#held) void this.#send(this.#held, 0);
    this.#held = undefined;
  }
  stop(): void {
    this.#stopped.abort();
    for (const timer of this.#timers) clearTimeout(timer);
  }
  async #send(delivery: Delivery, attempt: number): Promise<void> {
    if (this.#stopped.signal.aborted || this.target.url === undefined) return;
    const timestamp = String(Date.now());
    const signature = createHmac('sha256', this.target.secret).update(`${timestamp}.${delivery.body}`).digest('hex');
    try {
      const response = await fetch(this.target.url, {
        method: 'POST',
        body: delivery.body,
        headers: {
          'content-type': 'application/json',
          'x-psa-delivery': delivery.id,
          'x-psa-timestamp': timestamp,
          'x-psa-signature': `sha256=${signature}`,
        },
        signal: AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
      await response.arrayBuffer();
      if (response.ok) return;
    } catch {
      // Not reached: the same as not accepted.
    }
    this.#again(delivery, attempt);
  }
  #again(delivery: Delivery, attempt: number): void {
    const wait = RETRY_AFTER_MS[attempt];
    if (wait === undefined || this.#stopped.signal.aborted) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void this.#send(delivery, attempt + 1);
    }, wait);
    this.#timers.add(timer);
  }
}
