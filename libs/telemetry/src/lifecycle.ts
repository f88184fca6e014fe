// The register module runs in its own module graph (dist, through --import), so the handle lives on the process, not in a module.
const HANDLE = Symbol.for('tieout.telemetry');
const FLUSH_LIMIT_MS = 3_000;

interface Shutdown {
  shutdown(): Promise<void>;
}
const holder = globalThis as { [HANDLE]?: Shutdown };

export const keepHandle = (sdk: Shutdown): void => {
  holder[HANDLE] = sdk;
};

/** Flushes what is buffered and stops. Gives up after three seconds: a collector that is away must not hold a service's stop. */
export async function shutdownTelemetry(): Promise<void> {
  const sdk = holder[HANDLE];
  if (sdk === undefined) return;
  delete holder[HANDLE];
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => (timer = setTimeout(resolve, FLUSH_LIMIT_MS)));
  await Promise.race([sdk.shutdown().catch(() => undefined), limit]);
  clearTimeout(timer);
}
