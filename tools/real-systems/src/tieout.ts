/** Tieout as the local runner starts it: five services, PostgreSQL and NATS, each its own process. */
export interface Tieout {
  /** Base address by service name. */
  readonly urls: Readonly<Record<string, string>>;
  token(): Promise<string>;
  waitUntilIdle(timeoutMs: number): Promise<void>;
  stop(): Promise<void>;
}
