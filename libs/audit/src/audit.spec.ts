import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  bodyText,
  brokenLink,
  exportLines,
  genesis,
  linked,
  nextCheckpoint,
  sha256,
  verifyExport,
  withoutPersonal,
  writtenBody,
} from './index.js';
import type { AuditBody, Checkpoint, ChainedRecord, ExportItem, Head, PersonalValue, Restart } from './index.js';

const AT = '2026-11-23T10:00:00.000Z';
const keys = generateKeyPairSync('ed25519');
const strangers = generateKeyPairSync('ed25519');

/** xorshift32: the same seed, the same export and the same vandal. */
const randomFrom = (seed: number) => {
  let state = seed || 1;
  return (below: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
};

const body = (n: number): AuditBody => ({
  at: AT,
  actor: 'service:erp-posting',
  action: 'posting.planned',
  subjectKind: 'posting',
  subjectId: `p-${n}`,
  legalEntityId: 'DE01',
  after: { state: 'pending', hours: '7.5', n },
  policyDigest: 'sha256:1',
});

const textOf = (n: number): string => writtenBody(body(n)).text;

/** Every fifth record is of a person, and typed by one. */
const recordOf = (n: number): { body: AuditBody; personal: readonly PersonalValue[] } => {
  if (n % 5 !== 4) return { body: body(n), personal: [] };
  const { at, ...said } = body(n);
  const worker = { ...said, actor: 'user:u1', subjectKind: 'worker', after: { userName: 'ana', n }, reason: 'Ana is ill' };
  const { entry, personal } = withoutPersonal(worker);
  return { body: { at, ...entry }, personal };
};

type Line = ExportItem;

const headOf = ({ chain, seq, hash }: Head): Head => ({ chain, seq, hash });

/** Three chains of `records` records together, a checkpoint after every tenth, personal values where they come up. */
const linesOf = (records: number, chains = ['erp/DE01', 'erp/US01', 'time/DE01']): Line[] => {
  const heads = new Map<string, Head>(chains.map((chain) => [chain, genesis(chain)]));
  const lines: Line[] = [];
  let last: Checkpoint | undefined;
  for (let n = 0; n < records; n++) {
    const said = recordOf(n);
    const record: ChainedRecord = linked(heads.get(chains[n % chains.length]!)!, writtenBody(said.body).text);
    heads.set(record.chain, record);
    lines.push({ kind: 'record', ...record }, ...said.personal.map((value) => ({ kind: 'personal' as const, ...value })));
    if (n % 10 !== 9) continue;
    last = nextCheckpoint(last, { at: AT, heads: [...heads.values()].map(headOf), privateKey: keys.privateKey });
    lines.push({ kind: 'checkpoint', checkpoint: last });
  }
  return lines;
};

/** A history that was signed up to record 20, went back to record 5 and went on otherwise. */
const restarted = (restart: boolean): Line[] => {
  const lost: ChainedRecord[] = [];
  const found: ChainedRecord[] = [];
  let head = genesis('erp/DE01');
  for (let n = 1; n <= 20; n++) lost.push(linked(lost.at(-1) ?? head, textOf(n)));
  for (let n = 1; n <= 25; n++) found.push(linked(found.at(-1) ?? head, textOf(n <= 5 ? n : n + 100)));
  const first = nextCheckpoint(undefined, { at: AT, heads: [headOf(lost[9]!)], privateKey: keys.privateKey });
  const second = nextCheckpoint(first, { at: AT, heads: [headOf(lost[19]!)], privateKey: keys.privateKey });
  head = headOf(found[6]!);
  const restarts: Restart[] = [
    { chain: head.chain, lost: lost[19]!, now: head, acknowledgedBy: 'user:audrey', acknowledgedAt: AT },
  ].map(({ lost: { seq, hash }, ...rest }) => ({
    ...rest,
    lost: { seq, hash },
    now: { seq: rest.now.seq, hash: rest.now.hash },
  }));
  const third = nextCheckpoint(second, {
    at: AT,
    heads: [headOf(found[24]!)],
    restarts: restart ? restarts : [],
    privateKey: keys.privateKey,
  });
  const record = (one: ChainedRecord) => ({ kind: 'record' as const, ...one });
  return [
    ...found.slice(0, 7).map(record),
    { kind: 'checkpoint', checkpoint: first },
    { kind: 'checkpoint', checkpoint: second },
    ...found.slice(7).map(record),
    { kind: 'checkpoint', checkpoint: third },
  ];
};

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

const exported = async (lines: readonly Line[], from: readonly Head[] = [], privateKey = keys.privateKey): Promise<string[]> => {
  const texts: string[] = [];
  for await (const text of exportLines({ at: AT, from, lines: each(lines), privateKey })) texts.push(text);
  return texts;
};
const verify = (texts: readonly string[], publicKey = keys.publicKey) => verifyExport(each(texts), [publicKey]);
const linkOf = (record: ChainedRecord) => ({ ...headOf(record), bodyHash: sha256(record.text) });

describe('a chain', () => {
  const first = linked(genesis('erp/DE01'), textOf(1));

  it('binds each record to all before it, and to its own name', () => {
    expect(brokenLink(genesis('erp/DE01'), linkOf(first))).toBeUndefined();
    expect(brokenLink(genesis('erp/US01'), linkOf(first))).toBe('record 1 is not what was chained');
    expect(brokenLink(first, linkOf(linked({ ...first, seq: 2 }, textOf(3))))).toBe(
      'record 3 follows record 1: record 2 is missing',
    );
    expect(brokenLink(linked(first, textOf(2)), linkOf(first))).toMatch(/out of order or twice/);
  });

  it('binds each record to every word of its body', () => {
    const changes: Partial<AuditBody>[] = [
      { at: 'x' },
      { actor: 'x' },
      { action: 'x' },
      { subjectKind: 'x' },
      { subjectId: 'x' },
    ];
    const more: Partial<AuditBody>[] = [
      { legalEntityId: 'x' },
      { before: 0 },
      { after: 0 },
      { policyDigest: 'x' },
      { reason: 'x' },
    ];
    for (const change of [...changes, ...more, { traceparent: 'x' }])
      expect(
        brokenLink(genesis('erp/DE01'), { ...linkOf(first), bodyHash: sha256(writtenBody({ ...body(1), ...change }).text) }),
      ).toBe('record 1 is not what was chained');
  });
});

it('a body is written the same each time, and says what it was given', () => {
  const whole: AuditBody = { ...body(1), before: [{ b: 1, a: null }], reason: '"', traceparent: '00-1', policyDigest: 'd' };
  for (const one of [whole, body(2), { ...whole, before: undefined, after: undefined, reason: undefined }]) {
    const { text, before, after } = writtenBody(one);
    expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(one)));
    expect(bodyText({ ...one, before, after })).toBe(text);
  }
});

describe('an export', () => {
  it('verifies with the public key alone', async () => {
    expect(await verify(await exported(linesOf(95)))).toEqual({
      ok: true,
      records: 95,
      chains: 3,
      checkpoints: 9,
      personal: 38,
      errors: [],
      notes: [],
    });
  });

  it('still verifies when personal values are erased, and names none of them', async () => {
    const erased = linesOf(20).filter(({ kind }) => kind !== 'personal');
    const texts = await exported(erased);
    expect(await verify(texts)).toMatchObject({ ok: true, records: 20, personal: 0 });
    expect(texts.join('\n')).not.toMatch(/ana|Ana|ill/);
  });

  it('of a later part begins at heads that its checkpoint names', async () => {
    const all = linesOf(60);
    const at = all.findIndex(({ kind }) => kind === 'checkpoint');
    const checkpoint = all[at] as Extract<Line, { kind: 'checkpoint' }>;
    const texts = await exported(all.slice(at), checkpoint.checkpoint.heads);
    expect(await verify(texts)).toMatchObject({ ok: true, records: 50 });
    // Whoever begins at a head of his own invention has no checkpoint for it.
    const invented = checkpoint.checkpoint.heads.map((head) => ({ ...head, hash: 'f'.repeat(64) }));
    expect((await verify(await exported(all.slice(at), invented))).ok).toBe(false);
  });

  it('of one chain passes over what the checkpoints say of others', async () => {
    const lines = linesOf(60).filter((line) => line.kind !== 'record' || line.chain === 'erp/US01');
    expect((await verify(await exported(lines))).ok).toBe(false);
    const texts: string[] = [];
    const o = { at: AT, from: [], only: ['erp/US01'], privateKey: keys.privateKey };
    for await (const text of exportLines({ ...o, lines: each(lines) })) texts.push(text);
    expect(await verify(texts)).toMatchObject({ ok: true, records: 20, chains: 1 });
  });

  it('of a database that went back verifies only when a person acknowledged it, and says who', async () => {
    expect((await verify(await exported(restarted(false)))).errors.join()).toMatch(
      /record 20 is not the one that a checkpoint names/,
    );
    expect(await verify(await exported(restarted(true)))).toMatchObject({
      ok: true,
      records: 25,
      notes: [
        `erp/DE01: record 20 was signed, then the chain went back and stood at 7; user:audrey acknowledged it at ${AT} (checkpoint 3)`,
      ],
    });
  });

  it('takes no record that was written anew on its way, and tells how far it is', async () => {
    const texts = await exported(linesOf(12));
    const other = texts.map((text) => (text.startsWith('{"body"') ? JSON.stringify(JSON.parse(text), undefined, 1) : text));
    expect((await verify(other)).errors[0]).toMatch(/a record that is not written as it was exported/);
    const progress: number[] = [];
    const many = function* () {
      let head = genesis('erp/DE01');
      for (let n = 0; n < 200_001; n++) {
        head = { ...head, seq: head.seq + 1 };
        yield `{"body":{},"chain":"erp/DE01","hash":"${'0'.repeat(64)}","kind":"record","seq":${head.seq}}`;
      }
    };
    await verifyExport(many(), [keys.publicKey], { onProgress: (records) => progress.push(records) });
    expect(progress).toEqual([100_000, 200_000]);
  });

  it('is refused under another key, and where its owner signed a shortened history anew', async () => {
    expect((await verify(await exported(linesOf(20)), strangers.publicKey)).errors.join()).toMatch(/not signed by this key/);
    const lines = linesOf(40);
    const shortened = lines.filter((line) => line.kind !== 'record' || line.seq <= 10);
    expect((await verify(await exported(shortened))).errors.join()).toMatch(
      /a checkpoint names record 1\d, and the chain ends at 10/,
    );
  });

  it.each([
    ['with personal values', linesOf(60)],
    ['with half of them erased', linesOf(60).filter((line, n) => line.kind !== 'personal' || n % 2 === 0)],
    ['with all of them erased', linesOf(60).filter((line) => line.kind !== 'personal')],
  ])('shows each of 1 000 random edits, deletions, insertions, moves and cuts, %s', async (_, lines) => {
    const texts = await exported(lines);
    expect((await verify(texts)).ok).toBe(true);
    const random = randomFrom(20_261_123);
    const vandals: Record<string, (lines: string[]) => void> = {
      edit: (lines) => {
        const at = random(lines.length);
        const line = lines[at]!;
        const place = random(line.length);
        const other = line[place] === '7' ? '8' : '7';
        lines[at] = `${line.slice(0, place)}${other}${line.slice(place + 1)}`;
      },
      delete: (lines) => void lines.splice(random(lines.length), 1),
      insert: (lines) => void lines.splice(random(lines.length + 1), 0, lines[random(lines.length)]!),
      move: (lines) => {
        const from = random(lines.length);
        const [line] = lines.splice(from, 1);
        lines.splice((from + 1 + random(lines.length - 1)) % (lines.length + 1), 0, line!);
      },
      cut: (lines) => void lines.splice(random(lines.length)),
    };
    const unseen: string[] = [];
    for (let n = 0; n < 1_000; n++) {
      const [name, spoil] = Object.entries(vandals)[n % 5]!;
      const spoilt = [...texts];
      spoil(spoilt);
      if (spoilt.join('\n') !== texts.join('\n') && (await verify(spoilt)).ok) unseen.push(`${n} ${name}`);
    }
    expect(unseen).toEqual([]);
  });

  it('says what is wrong and where', async () => {
    const texts = await exported(linesOf(12));
    const edited = texts.map((text, n) => (n === 4 ? text.replace('"7.5"', '"75"') : text));
    expect((await verify(edited)).errors).toEqual([
      'line 5: erp/DE01: record 2 is not what was chained',
      expect.stringMatching(/^line \d+: the lines are not those that were signed$/),
    ]);
    expect((await verify(texts.slice(0, 5))).errors.join()).toMatch(/cut off/);
  });
});
