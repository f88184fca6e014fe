import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppendLog } from './append-log.js';

describe('AppendLog', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tieout-log-'));
    file = join(folder, 'deep', 'state.jsonl');
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const replayed = (): unknown[] => {
    const seen: unknown[] = [];
    const log = new AppendLog<unknown>(file);
    log.replay((record) => seen.push(record));
    log.close();
    return seen;
  };

  it('gives back what was appended, over several reads of the file and characters on their seams', () => {
    const log = new AppendLog<unknown>(file);
    log.replay(() => undefined);
    // Three bytes a character, so that the chunks of the file end within one.
    const records = Array.from({ length: 30 }, (_, n) => ({ n, text: '€'.repeat(100_000) }));
    for (const record of records) log.append(record);
    log.close();
    expect(replayed()).toEqual(records);
  });

  it('cuts off a torn line, and goes on behind the whole ones', () => {
    replayed();
    appendFileSync(file, '{"n":1}\n{"n":2}\n{"n":');
    expect(replayed()).toEqual([{ n: 1 }, { n: 2 }]);
    const log = new AppendLog<unknown>(file);
    log.replay(() => undefined);
    log.append({ n: 3 });
    log.close();
    expect(readFileSync(file, 'utf8')).toBe('{"n":1}\n{"n":2}\n{"n":3}\n');
  });

  it('without a file keeps nothing', () => {
    const log = new AppendLog<unknown>(undefined);
    log.replay(() => undefined);
    log.append({ n: 1 });
    expect(log.close()).toBeUndefined();
  });
});
