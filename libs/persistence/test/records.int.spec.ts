import { randomUUID } from 'node:crypto';
import type { OutgoingEvent } from '@tieout/messaging';
import { EVENT_TYPES, type MasterObjectChangedV1 } from '@tieout/contracts';
import { masterKey } from '@tieout/model';
import { describe, expect, it } from 'vitest';
import { answerReceipts, appendAudit, MasterReadModel, recordReceipts, SqlError } from '../src/index.js';
import { freshDatabase, project, received } from './setup.js';

const NOW = '2026-11-23T09:00:00.000Z';
const outgoing = (body: unknown, bucket = 100): OutgoingEvent => ({
  eventId: randomUUID(),
  emission: 1,
  type: EVENT_TYPES.masterChanged,
  subject: 'evt.x',
  producer: 'master',
  time: NOW,
  bucket,
  body,
});
const change = (body: MasterObjectChangedV1) => received<MasterObjectChangedV1>(outgoing(body));

describe('audit', () => {
  it('keeps what was written, and nobody can change, delete or truncate it', async () => {
    const { db } = await freshDatabase();
    const row = {
      actor: 'service:time-ingestion',
      action: 'entry.released',
      subjectKind: 'entry',
      subjectId: 'e1',
      legalEntityId: 'US01',
      after: { hours: '7.5' },
    };
    await db.transaction((tx) => appendAudit(tx, [row, { ...row, subjectId: 'e2', reason: 'said so' }], NOW));
    for (const statement of [`update audit_record set actor = 'user:1'`, 'delete from audit_record', 'truncate audit_record']) {
      const error = await db.query(statement).catch((thrown: unknown) => thrown);
      expect(error, statement).toBeInstanceOf(SqlError);
      expect((error as Error).message).toContain('append-only');
    }
    expect(await db.query('select at, actor, subject_id, before, after, reason from audit_record order by id')).toEqual([
      { at: NOW, actor: 'service:time-ingestion', subject_id: 'e1', before: null, after: { hours: '7.5' }, reason: null },
      { at: NOW, actor: 'service:time-ingestion', subject_id: 'e2', before: null, after: { hours: '7.5' }, reason: 'said so' },
    ]);
  });
});

describe('receipts', () => {
  it('say what is new, once, and answer with sums and ids', async () => {
    const { db } = await freshDatabase();
    const events = [outgoing({}), outgoing({}), outgoing({}, 101)].map((event) => received(event));
    const [first, second] = events;
    expect(await recordReceipts(db, [first!, first!])).toEqual(new Set([first!.eventId]));
    expect(await recordReceipts(db, events)).toEqual(new Set(events.slice(1).map(({ eventId }) => eventId)));
    const { buckets } = await answerReceipts(db, { producer: 'master', buckets: [100, 101, 102], detail: 'ids' });
    expect(buckets.map(({ bucket, count, ids }) => [bucket, count, ids])).toEqual([
      [100, 2, [first!.eventId, second!.eventId].sort()],
      [101, 1, [events[2]!.eventId]],
    ]);
    expect(await answerReceipts(db, { producer: 'time', buckets: [100] })).toEqual({ buckets: [] });
  });

  it('a rolled back batch has received nothing', async () => {
    const { db } = await freshDatabase();
    const event = received(outgoing({}));
    await db
      .transaction(async (tx) => {
        await recordReceipts(tx, [event]);
        throw new Error('processing failed');
      })
      .catch(() => undefined);
    expect(await recordReceipts(db, [event])).toEqual(new Set([event.eventId]));
  });
});

describe('MasterReadModel', () => {
  const model = new MasterReadModel();

  it('ends with the highest revision, whatever arrives last, and tells what changed', async () => {
    const { db } = await freshDatabase();
    const [a, b] = [randomUUID(), randomUUID()];
    expect(await model.apply(db, [change(project(a, 2)), change(project(a, 1)), change(project(b, 1, 'P-2'))])).toEqual([
      { kind: 'project', code: 'P-1' },
      { kind: 'project', code: 'P-2' },
    ]);
    expect(await model.apply(db, [change(project(a, 1)), change(project(a, 2))])).toEqual([]);
    const found = await model.byCodes(db, [
      { kind: 'project', code: 'P-1' },
      { kind: 'worker', code: 'P-2' },
    ]);
    expect([...found]).toEqual([[masterKey('project', 'P-1'), project(a, 2)]]);
    expect(await model.count(db)).toBe(2);
    expect((await model.byKind(db, 'project', 'DE01')).length).toBe(0);
    expect((await model.byKind(db, 'project', 'US01')).map(({ code }) => code)).toEqual(['P-1', 'P-2']);
  });

  it('a changed code touches the old key as well, and a code that two objects claim is ambiguous', async () => {
    const { db } = await freshDatabase();
    const [a, b] = [randomUUID(), randomUUID()];
    await model.apply(db, [change(project(a, 1, 'P-1')), change(project(b, 1, 'P-2'))]);
    expect(await model.apply(db, [change(project(b, 2, 'P-1'))])).toEqual([
      { kind: 'project', code: 'P-1' },
      { kind: 'project', code: 'P-2' },
    ]);
    const found = await model.byCodes(db, [
      { kind: 'project', code: 'P-1' },
      { kind: 'project', code: 'P-2' },
    ]);
    expect([...found].map(([key, { ambiguous }]) => [key, ambiguous])).toEqual([['project:P-1', true]]);
  });
});
