import type { Clock } from '@tieout/clock';
import type { Cursor, KeyPage, MalformedTimeRecord, SweepWindow, TimePage, TimeSource } from '@tieout/connector-kit';
import { addDays, Fault } from '@tieout/model';
import { customValueNamed, isProject, isUser, readList } from './client/read-lists.js';
import { ListShifted, readEntryPage, type EntryPosition } from './client/read-entries.js';
import type { RedmineClient } from './client/redmine-client.js';
import type { RedmineTimeEntry } from './client/redmine-types.js';
import type { RedmineConfig } from './config.js';
import { isTimeRecord, toTimeRecord, type Directory } from './mapping.js';

/** A pass through the window of work dates; without `from` a new pass begins. */
interface PassCursor extends Partial<EntryPosition> {
  readonly from?: string;
  /** How often this pass began anew because the list shifted: keeps cursors distinct, and ends a pass that never gets through. */
  readonly restarts?: number;
}

const MAX_RESTARTS = 5;

/**
 * Redmine has no "changed since": filters on `updated_on` are silently ignored. So each poll reads a window of work dates once
 * through, and the engine sees by content what changed. A pass begins with a check of the key.
 */
export class RedmineTimeSource implements TimeSource {
  #directory: Promise<Directory> | undefined;

  constructor(
    private readonly client: RedmineClient,
    private readonly config: RedmineConfig,
    private readonly clock: Clock,
  ) {}

  verifyAccess(): Promise<void> {
    return this.client.verifyKey();
  }

  async fetchPage(cursor: Cursor | null): Promise<TimePage> {
    const pass = (cursor ?? {}) as PassCursor;
    if (pass.offset === undefined) {
      await this.client.verifyKey();
      this.#directory = undefined;
    }
    const from = pass.from ?? addDays(this.clock.now().slice(0, 10), -this.config.windowDays);
    const position: EntryPosition = { offset: pass.offset ?? 0, lastId: pass.lastId };
    try {
      const page = await readEntryPage(this.client, { from }, position, this.config.pageSize);
      const directory = await this.#directoryFor(page.items);
      const read = page.items.map((item, i) => toTimeRecord(item, directory, position.offset + i));
      return {
        records: read.filter(isTimeRecord),
        malformed: read.filter((record): record is MalformedTimeRecord => !isTimeRecord(record)),
        next: page.more ? { from, ...page.next, ...(pass.restarts && { restarts: pass.restarts }) } : {},
        more: page.more,
      };
    } catch (error) {
      const restarts = (pass.restarts ?? 0) + 1;
      if (!(error instanceof ListShifted) || restarts > MAX_RESTARTS) throw error;
      return { records: [], malformed: [], next: { from, restarts }, more: true };
    }
  }

  async listKeys(window: SweepWindow, cursor: Cursor | null): Promise<KeyPage> {
    if (cursor === null) await this.client.verifyKey();
    const page = await readEntryPage(
      this.client,
      window,
      (cursor as EntryPosition | null) ?? { offset: 0 },
      this.config.pageSize,
    );
    // A key revoked between the pages would show the rest as gone.
    if (!page.more) await this.client.verifyKey();
    const keys = page.items.map((item) => (item as Partial<RedmineTimeEntry> | null)?.id).filter((id) => typeof id === 'number');
    if (keys.length < page.items.length) throw new Fault('ContractBroken', 'a time entry without id: deletions cannot be told');
    return { keys: keys.map(String), total: page.total, next: { ...page.next }, more: page.more };
  }

  /** Users and projects are read once per pass, and once more when an entry names one that was added since. */
  async #directoryFor(items: readonly unknown[]): Promise<Directory> {
    const directory = await (this.#directory ??= this.#readDirectory());
    const misses = items.some((item) => {
      const entry = item as Partial<RedmineTimeEntry> | null;
      return (
        entry?.project?.id !== undefined && entry.user?.id !== undefined && !directory.knows(entry.user.id, entry.project.id)
      );
    });
    if (!misses) return directory;
    this.#directory = this.#readDirectory();
    return this.#directory;
  }

  async #readDirectory(): Promise<Directory> {
    const { pageSize, employeeField } = this.config;
    try {
      const users = await readList((offset) => this.client.users(offset, pageSize));
      const projects = await readList((offset) => this.client.projects(offset, pageSize));
      const numbers = new Map(users.filter(isUser).map((user) => [user.id, customValueNamed(user.custom_fields, employeeField)]));
      const identifiers = new Map(projects.filter(isProject).map((project) => [project.id, project.identifier]));
      return {
        knows: (userId, projectId) => numbers.has(userId) && identifiers.has(projectId),
        employeeNumber: (id) => numbers.get(id),
        projectIdentifier: (id) => identifiers.get(id),
      };
    } catch (error) {
      this.#directory = undefined;
      throw error;
    }
  }
}
