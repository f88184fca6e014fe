import { randomUUID } from 'node:crypto';
import type { MasterObjectChangedV1 } from '@tieout/contracts';
import { masterKey, type MasterKind } from '@tieout/model';
import { describe, expect, it } from 'vitest';
import { MasterReadModel } from '../src/index.js';
import { freshDatabase, project, received } from './setup.js';

const model = new MasterReadModel();
const change = (body: MasterObjectChangedV1) =>
  received<MasterObjectChangedV1>({
    eventId: randomUUID(),
    emission: 1,
    type: 'master.object.changed.v1',
    subject: 'evt.x',
    producer: 'master',
    time: '2026-11-23T09:00:00.000Z',
    bucket: 100,
    body,
  });
const keys = (...codes: string[]) => codes.map((code) => ({ kind: 'project' as MasterKind, code }));
const renamed = (id: string, revision: number, code: string, ...former: string[]): MasterObjectChangedV1 => ({
  ...project(id, revision, code),
  formerCodes: former.map((one, n) => ({ code: one, until: `2026-0${n + 1}-28` })),
});

describe('MasterReadModel, former codes', () => {
  it('finds an object under the codes that it had, and tells all of them as changed, whichever revisions came', async () => {
    const { db } = await freshDatabase();
    const id = randomUUID();
    expect((await model.apply(db, [change(renamed(id, 3, 'P-3', 'P-1', 'P-2'))])).map(({ code }) => code)).toEqual([
      'P-3',
      'P-1',
      'P-2',
    ]);
    const found = await model.byCodes(db, keys('P-1', 'P-2', 'P-3', 'P-4'));
    expect([...found].map(([key, { code }]) => [key, code])).toEqual([
      ['project:P-1', 'P-3'],
      ['project:P-2', 'P-3'],
      ['project:P-3', 'P-3'],
    ]);
    // A former code that is taken back touches who held on to it.
    expect((await model.apply(db, [change(renamed(id, 4, 'P-3', 'P-1'))])).map(({ code }) => code)).toContain('P-2');
    expect((await model.byCodes(db, keys('P-2'))).size).toBe(0);
  });

  it('knows every holder of a code; without a date the one that has it now is meant', async () => {
    const { db } = await freshDatabase();
    const [a, b, c] = [randomUUID(), randomUUID(), randomUUID()];
    await model.apply(db, [
      change(renamed(a, 2, 'P-2', 'P-1')),
      change(project(b, 1, 'P-1')),
      change(renamed(c, 1, 'P-9', 'P-8')),
    ]);
    const holders = (await model.holders(db, keys('P-1', 'P-8'))).get(masterKey('project', 'P-1'))!;
    expect(holders.map(({ id }) => id).sort()).toEqual([a, b].sort());
    const found = await model.byCodes(db, keys('P-1', 'P-2'));
    expect([found.get('project:P-1')!.id, found.get('project:P-2')!.id]).toEqual([b, a]);
  });

  it('is ambiguous where two gave up a code on one day, and keeps kinds apart', async () => {
    const { db } = await freshDatabase();
    await model.apply(db, [change(renamed(randomUUID(), 1, 'P-2', 'P-1')), change(renamed(randomUUID(), 1, 'P-3', 'P-1'))]);
    expect((await model.byCodes(db, keys('P-1'))).get('project:P-1')!.ambiguous).toBe(true);
    expect((await model.byCodes(db, [{ kind: 'client', code: 'P-1' }])).size).toBe(0);
  });
});
