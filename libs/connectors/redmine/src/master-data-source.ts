import type { Cursor, MasterDataSource, MasterPage } from '@tieout/connector-kit';
import { Fault, type MasterKind } from '@tieout/model';
import { isProject } from './client/read-lists.js';
import type { RedmineClient } from './client/redmine-client.js';
import type { RedmineConfig } from './config.js';
import { toProject } from './mapping.js';

export const REDMINE_KINDS = ['project'] as const satisfies readonly MasterKind[];

/** Projects by their identifier. Closed ones stay (time on them was worked); archived ones Redmine does not list. */
export class RedmineMasterDataSource implements MasterDataSource {
  readonly kinds = REDMINE_KINDS;
  constructor(
    private readonly client: RedmineClient,
    private readonly config: RedmineConfig,
  ) {}

  verifyAccess(): Promise<void> {
    return this.client.verifyKey();
  }

  async fetchPage(kind: MasterKind, cursor: Cursor | null): Promise<MasterPage> {
    if (kind !== 'project') throw new Fault('ContractBroken', `Redmine has no ${kind}`);
    // Without this a wrong key is answered with an empty list, and every project would seem gone.
    if (cursor === null) await this.client.verifyKey();
    const offset = typeof cursor?.['offset'] === 'number' ? cursor['offset'] : 0;
    const page = await this.client.projects(offset, this.config.pageSize);
    const next = offset + page.items.length;
    return {
      records: page.items.filter(isProject).map(toProject),
      malformed: page.items.flatMap((item, i) =>
        isProject(item) ? [] : [{ kind, externalId: `projects:${offset + i}`, why: 'expected a numeric id and an identifier' }],
      ),
      next: { offset: next },
      more: page.items.length > 0 && next < page.total,
    };
  }
}
