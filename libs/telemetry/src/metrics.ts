import { metrics, type Meter } from '@opentelemetry/api';

type Attributes = Record<string, string>;
const meter = (): Meter => metrics.getMeter('tieout');

// Instruments are made at first use: the metrics API gives a no-op for ever to whoever asks before the SDK has started.
const lazy = <T>(make: () => T): (() => T) => {
  let made: T | undefined;
  return () => (made ??= make());
};

export function counter(name: string, description: string): { add(n: number, attributes?: Attributes): void } {
  const instrument = lazy(() => meter().createCounter(name, { description }));
  return { add: (n, attributes) => instrument().add(n, attributes) };
}

/** `unit` as UCUM spells it: 's', 'ms', '{entry}'. */
export function histogram(
  name: string,
  description: string,
  unit: string,
): { record(value: number, attributes?: Attributes): void } {
  const instrument = lazy(() => meter().createHistogram(name, { description, unit }));
  return { record: (value, attributes) => instrument().record(value, attributes) };
}

/** `read` is called at each collection; call gauge() after telemetry has started. */
export function gauge(name: string, description: string, read: () => number): void {
  meter()
    .createObservableGauge(name, { description })
    .addCallback((result) => result.observe(read()));
}
