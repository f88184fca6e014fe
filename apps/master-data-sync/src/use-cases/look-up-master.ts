import type { MasterLookUpAnswerV1, MasterLookUpV1 } from '@tieout/contracts';
import { attributesOn } from '@tieout/model';
import type { Database } from '@tieout/persistence';
import { ObjectStore } from '../adapters/postgres/object.store.js';

/** What an object was on a date. A code that is ambiguous finds nothing: nothing may resolve to it. */
export class LookUpMaster {
  constructor(
    private readonly database: Database,
    private readonly objects: ObjectStore,
  ) {}

  async on({ kind, code, on }: MasterLookUpV1): Promise<MasterLookUpAnswerV1> {
    const [object, other] = await this.objects.byCode(this.database, kind, code);
    if (!object || other || object.ambiguous) return { found: false };
    const attributes = attributesOn(object, on);
    return attributes ? { found: true, id: object.id, attributes: { ...attributes } } : { found: false };
  }
}
