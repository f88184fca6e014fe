import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { brokenLink, exportLines, genesis, linked, nextCheckpoint, verifyExport, withoutPersonal } from './index.js';
import type { Checkpoint, ChainedRecord, ExportLine, Head } from './index.js';

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

const body = (n: number) => ({
  at: AT,
  actor: 'service:erp-posting',
  action: 'posting.planned',
  subjectKind: 'posting',
  subjectId: `p-${n}`,
  after: { state: 'pending', hours: '7.5', n },
  policyDigest: 'sha256:1',
});

type Line = Extract<ExportLine, { kind: 'record' | 'checkpoint' | 'personal' }>;

/** Three chains of `records` records together, a checkpoint after every tenth, two personal values. */
const linesOf = (records: number, chains = ['erp/DE01', 'erp/US01', 'time/DE01']): Line[] => {
  const heads = new Map<string, Head>(chains.map((chain) => [chain, genesis(chain)]));
  const lines: Line[] = [];
  let last: Checkpoint | undefined;
  for (let n = 0; n < records; n++) {
    const record: ChainedRecord = linked(heads.get(chains[n % chains.length]!)!, body(n));
    heads.set(record.chain, record);
    lines.push({ kind: 'record', ...record });
    if (n % 10 !== 9) continue;
    last = nextCheckpoint(last, {
      at: AT,
      heads: [...heads.values()].map(({ chain, seq, hash }) => ({ chain, seq, hash })),
      privateKey: keys.privateKey,
    });
    lines.push({ kind: 'checkpoint', checkpoint: last });
  }
  const { personal } = withoutPersonal({ reason: 'ill', by: { name: 'Ana' } }, new Set(['reason', 'name']));
  return [...lines, ...personal.map((value) => ({ kind: 'personal' as const, ...value }))];
};

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

const exported = async (lines: readonly Line[], from: readonly Head[] = [], privateKey = keys.privateKey): Promise<string[]> => {
  const texts: string[] = [];
  for await (const text of exportLines({ at: AT, from, lines: each(lines), privateKey })) texts.push(text);
  return texts;
};
const verify = (texts: readonly string[], publicKey = keys.publicKey) => verifyExport(each(texts), publicKey);

describe('a chain', () => {
  const first = linked(genesis('erp/DE01'), body(1));

  it('binds each record to all before it, and to its own name', () => {
    expect(brokenLink(genesis('erp/DE01'), first)).toBeUndefined();
    expect(brokenLink(genesis('erp/US01'), first)).toBe('record 1 is not what was chained');
    expect(brokenLink(first, linked({ ...first, seq: 2 }, body(3)))).toBe('record 3 follows record 1: record 2 is missing');
    expect(brokenLink(linked(first, body(2)), first)).toMatch(/out of order or twice/);
  });
});

describe('an export', () => {
  it('verifies with the public key alone', async () => {
    expect(await verify(await exported(linesOf(95)))).toEqual({
      ok: true,
      records: 95,
      chains: 3,
      checkpoints: 9,
      personal: 2,
      errors: [],
    });
  });

  it('still verifies when personal values are erased, and names none of them', async () => {
    const erased = linesOf(20).filter(({ kind }) => kind !== 'personal');
    const texts = await exported(erased);
    expect(await verify(texts)).toMatchObject({ ok: true, personal: 0 });
    expect(texts.join('\n')).not.toMatch(/Ana|ill/);
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

  it('is refused under another key, and where its owner signed a shortened history anew', async () => {
    expect((await verify(await exported(linesOf(20)), strangers.publicKey)).errors.join()).toMatch(/not signed by this key/);
    const lines = linesOf(40);
    const shortened = lines.filter((line) => line.kind !== 'record' || line.seq <= 10);
    expect((await verify(await exported(shortened))).errors.join()).toMatch(
      /a checkpoint names record 1\d, and the chain ends at 10/,
    );
  });

  it('shows each of 1 000 random edits, deletions, insertions, moves and cuts', async () => {
    const texts = await exported(linesOf(60));
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
