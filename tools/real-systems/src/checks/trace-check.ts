import type { Checklist } from './checklist.js';
import type { OtlpReceiver, ReceivedSpan } from './otlp-receiver.js';

/** The way of an hour, in its order. */
const WAY = ['fetch time entry', 'released time entry', 'take release', 'post line'];
export const TRACE_SPANS = new Set(WAY);
const LARGE = 50;

const text = (span: ReceivedSpan, name: string): string => String(span.attributes[name] ?? '');

/** One trace id from the fetch at Redmine to the document in Tryton, for entries that travelled in a large document. */
export const checkTraces = (list: Checklist, receiver: OtlpReceiver): void => {
  const posts = receiver.spans.filter((span) => span.name === 'post line' && text(span, 'tieout.external_id') !== '');
  const byDocument = new Map<string, ReceivedSpan[]>();
  for (const span of posts)
    byDocument.set(text(span, 'tieout.document'), [...(byDocument.get(text(span, 'tieout.document')) ?? []), span]);
  const large = [...byDocument.values()].filter(
    (spans) => new Set(spans.map((span) => text(span, 'tieout.entry_id'))).size >= LARGE,
  );
  list.check(
    `traces: a document of ${LARGE} or more lines was posted`,
    large.length > 0,
    `${large.length} of ${byDocument.size} documents; largest ${Math.max(0, ...[...byDocument.values()].map((s) => s.length))}`,
  );
  const fetched = new Map<string, Set<string>>();
  for (const span of receiver.spans.filter((one) => one.name === 'fetch time entry')) {
    const entry = text(span, 'tieout.entry_id');
    fetched.set(entry, (fetched.get(entry) ?? new Set()).add(span.traceId));
  }
  const inLarge = large.flat();
  const whole = inLarge.filter((span) => fetched.get(text(span, 'tieout.entry_id'))?.has(span.traceId) === true);
  const sample = whole[0];
  list.check(
    'traces: each line of these documents has the trace id under which its entry was fetched',
    inLarge.length > 0 && whole.length === inLarge.length,
    `${whole.length} of ${inLarge.length}${sample ? `; for example trace ${sample.traceId}: entry ${text(sample, 'tieout.entry_id')} -> document ${text(sample, 'tieout.document')} -> move ${text(sample, 'tieout.external_id')}` : ''}`,
  );
  const stepsOf = new Map<string, Set<string>>();
  for (const span of receiver.spans) stepsOf.set(span.traceId, (stepsOf.get(span.traceId) ?? new Set()).add(span.name));
  const complete = whole.filter((span) => WAY.every((step) => stepsOf.get(span.traceId)?.has(step)));
  list.check(
    `traces: each of them holds every step of the way (${WAY.join(', ')})`,
    complete.length === inLarge.length,
    `${complete.length} of ${inLarge.length}`,
  );
  list.check(
    'traces: no two entries share a trace',
    new Set(whole.map((span) => span.traceId)).size === new Set(whole.map((span) => text(span, 'tieout.entry_id'))).size,
  );
};
