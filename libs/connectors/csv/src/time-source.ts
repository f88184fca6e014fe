import type { Cursor, MalformedTimeRecord, SourceTimeRecord, TimePage, TimeSource } from '@tieout/connector-kit';
import { controlNameOf, type DropFolder, type DroppedFile } from './client/drop-folder.js';
import { openTimesheetFile, type FileRefusal, type FileRow } from './client/timesheet-file.js';
import type { CsvConfig } from './config.js';
import { toTimeRecord } from './mapping.js';

/** Which files were read, by fingerprint, and the place in the one being read. */
interface FileCursor {
  readonly read: Readonly<Record<string, string>>;
  readonly file?: string;
  readonly fingerprint?: string;
  readonly row?: number;
}
type Opened = { readonly rows: readonly FileRow[] } | FileRefusal;

/**
 * A position by file name alone would never see a file that arrives late under an earlier name. So the cursor lists what was read;
 * a file (or control file) that was replaced counts as a new one, and revisions decide what of it is news.
 */
export class CsvTimeSource implements TimeSource {
  #opened: { readonly name: string; readonly fingerprint: string; readonly file: Opened } | undefined;
  constructor(
    private readonly folder: DropFolder,
    private readonly config: CsvConfig,
  ) {}

  async verifyAccess(): Promise<void> {
    await this.folder.list();
  }

  async fetchPage(cursor: Cursor | null): Promise<TimePage> {
    const files = await this.folder.list();
    const before = toFileCursor(cursor);
    const there = new Map(files.map((file) => [file.name, file.fingerprint]));
    // Files that were taken away are forgotten, or the cursor would grow for ever.
    const read = Object.fromEntries(Object.entries(before.read).filter(([name]) => there.has(name)));
    const unread = files.filter((file) => read[file.name] !== file.fingerprint);
    const current = unread.find((file) => file.name === before.file && file.fingerprint === before.fingerprint) ?? unread[0];
    if (!current) return { records: [], malformed: [], next: { read }, more: false };

    const done = { read: { ...read, [current.name]: current.fingerprint } };
    const others = unread.length > 1;
    const file = await this.#open(current);
    if (!file) return { records: [], malformed: [], next: done, more: others };
    if ('why' in file) return { records: [], malformed: [refusedFile(current.name, file)], next: done, more: others };
    const from = current.name === before.file && current.fingerprint === before.fingerprint ? (before.row ?? 0) : 0;
    const to = from + this.config.pageSize;
    const rows = file.rows.slice(from, to);
    const page = rows.map((row) => toTimeRecord(current.name, row));
    const ends = to >= file.rows.length;
    return {
      records: page.filter((record): record is SourceTimeRecord => 'sourceId' in record),
      malformed: page.filter((record): record is MalformedTimeRecord => !('sourceId' in record)),
      readWell: [
        current.name,
        ...rows.filter((_, index) => 'sourceId' in page[index]!).map(({ row }) => `${current.name}:${row}`),
      ],
      next: ends ? done : { read, file: current.name, fingerprint: current.fingerprint, row: to },
      more: !ends || others,
    };
  }

  /** One file is kept open, so that its pages do not check and split it again and again. */
  async #open({ name, fingerprint, bytes }: DroppedFile): Promise<Opened | undefined> {
    if (this.#opened?.name === name && this.#opened.fingerprint === fingerprint) return this.#opened.file;
    if (bytes > this.config.maxFileBytes)
      return {
        why: `the file has ${bytes} bytes, at most ${this.config.maxFileBytes} are taken`,
        expected: this.config.maxFileBytes,
        found: bytes,
      };
    const [content, control] = [await this.folder.read(name), await this.folder.read(controlNameOf(name))];
    if (!content || !control) return undefined;
    const file = openTimesheetFile(content, control.toString('utf8'));
    this.#opened = { name, fingerprint, file };
    return file;
  }
}

const refusedFile = (name: string, { why, expected, found }: FileRefusal): MalformedTimeRecord => ({
  recordKey: name,
  where: name,
  why,
  payload: { expected, found },
});

const toFileCursor = (cursor: Cursor | null): FileCursor => {
  const { read, file, fingerprint, row } = cursor ?? {};
  return {
    read: typeof read === 'object' && read !== null ? (read as Record<string, string>) : {},
    ...(typeof file === 'string' && typeof fingerprint === 'string' && typeof row === 'number' && { file, fingerprint, row }),
  };
};
