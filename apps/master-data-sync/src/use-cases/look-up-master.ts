import type {
  EmployeeLookUpAnswerV1,
  EmployeeLookUpV1,
  FoundObjectV1,
  MasterLookUpAnswerV1,
  MasterLookUpV1,
  ProjectValidationAnswerV1,
  ProjectValidationV1,
} from '@tieout/contracts';
import { assignmentCode, attributesOn, taskCode, type MasterKind, type MasterObject, type WorkDate } from '@tieout/model';
import type { Clock } from '@tieout/clock';
import type { Database } from '@tieout/persistence';
import type { CompiledPolicy } from '@tieout/policy';
import { ObjectStore } from '../adapters/postgres/object.store.js';
import { FoundObjects, isShared, shownAttributes } from '../domain/found-objects.js';
import { chargeRefusals, isWithin } from '../domain/may-charge.js';

/** Legal entities are few, every project is asked with one, and their regions change once in years. */
const ENTITIES_KEPT_MS = 10_000;

/** What other systems ask by code and day. One statement each; a second one only for what was renamed or merged. */
export class LookUpMaster {
  #entities: { readonly readAt: number; readonly objects: Promise<FoundObjects> } | undefined;

  constructor(
    private readonly database: Database,
    private readonly objects: ObjectStore,
    private readonly policy: () => CompiledPolicy,
    private readonly clock: Clock,
  ) {}

  /** What an object was on a date. A code that is ambiguous finds nothing: nothing may resolve to it. */
  async on({ kind, code, on }: MasterLookUpV1): Promise<MasterLookUpAnswerV1> {
    const found = new FoundObjects(await this.objects.holders(this.database, [{ kind, code }])).objectOn(kind, code, on);
    if (found === undefined || found === 'ambiguous') return { found: false };
    const attributes = attributesOn(found, on);
    return attributes ? { found: true, id: found.id, code: found.code, attributes: { ...attributes } } : { found: false };
  }

  /** Whether time may be recorded on a project, and if not, everything that is against it. */
  async project({ project: projectCode, worker: workerCode, task, on }: ProjectValidationV1): Promise<ProjectValidationAnswerV1> {
    const asked = { projectCode, workerCode, taskCode: task };
    let found = new FoundObjects(await this.objects.holders(this.database, keysOf(asked)));
    const [project, worker] = [
      found.objectOn('project', projectCode, on),
      workerCode && found.objectOn('worker', workerCode, on),
    ];
    // What belongs to an object is named by the code that it has now.
    const now = {
      projectCode: codeOf(project, projectCode),
      workerCode: workerCode && codeOf(worker as MasterObject, workerCode),
      taskCode: task,
    };
    if (now.projectCode !== projectCode || now.workerCode !== workerCode)
      found = new FoundObjects(await this.objects.holders(this.database, [...keysOf(asked), ...keysOf(now)]));
    const policy = this.policy();
    const onDay = {
      project: found.on('project', projectCode, on),
      worker: workerCode === undefined ? undefined : found.on('worker', workerCode, on),
      task: task === undefined ? undefined : found.on('task', taskCode(now.projectCode, task), on),
      assignment:
        now.workerCode === undefined ? undefined : found.on('assignment', assignmentCode(now.projectCode, now.workerCode), on),
    };
    const { attributes } =
      typeof onDay.worker === 'object' ? onDay.worker : { attributes: {} as { legalEntity?: string; region?: string } };
    const home = attributes.legalEntity ?? (typeof onDay.project === 'object' ? onDay.project.attributes.legalEntity : undefined);
    const region = attributes.region ?? (await this.#regionOf(home, on));
    const rules = policy.validationFor({ legalEntityId: home, region });
    const reasons = chargeRefusals({ on, ...asked, ...onDay, rules });
    return {
      open: reasons.length === 0,
      reasons,
      ...shown('project', project, on),
      ...(workerCode !== undefined && shown('worker', worker as MasterObject | 'ambiguous' | undefined, on)),
      policyDigest: policy.digest,
    };
  }

  /** Exactly one way of asking; who checks that is the caller's edge. */
  async employee({ on, code, userName, connection, externalId }: EmployeeLookUpV1): Promise<EmployeeLookUpAnswerV1> {
    const candidates =
      code !== undefined
        ? await this.objects.holders(this.database, [{ kind: 'worker', code }])
        : userName !== undefined
          ? await this.objects.ofUserName(this.database, userName)
          : await this.objects.ofExternalId(this.database, 'worker', connection!, externalId!);
    const worker =
      code !== undefined
        ? new FoundObjects(candidates).objectOn('worker', code, on)
        : await this.#theOne(candidates, userName, on);
    if (worker === undefined) return { found: false, reason: 'UNKNOWN_WORKER', detail: `no worker is known by that on ${on}` };
    if (worker === 'ambiguous')
      return { found: false, reason: 'AMBIGUOUS_IDENTITY', detail: `more than one record may be meant on ${on}` };
    const attributes = attributesOn(worker as MasterObject & { kind: 'worker' }, on);
    if (!attributes) return { found: false, reason: 'UNKNOWN_WORKER', detail: `worker ${worker.code} did not exist on ${on}` };
    return { found: true, ...shown('worker', worker, on), active: isWithin(on, attributes) };
  }

  /** A user name goes from one to another; and who was merged is the other one. */
  async #theOne(
    candidates: readonly MasterObject[],
    userName: string | undefined,
    on: WorkDate,
  ): Promise<MasterObject | 'ambiguous' | undefined> {
    const then = candidates.filter((object) => {
      const attributes = attributesOn(object as MasterObject & { kind: 'worker' }, on);
      return attributes !== undefined && (userName === undefined || attributes.userName === userName);
    });
    const ids = new Map<string, MasterObject>();
    for (const object of then) {
      const merged = object.mergedInto !== undefined && on >= object.mergedInto.validFrom;
      const meant = merged ? await this.#follow(object.code, on) : object;
      if (meant === 'ambiguous') return 'ambiguous';
      if (meant !== undefined) ids.set(meant.id, meant);
    }
    const active = [...ids.values()].filter((object) =>
      isWithin(on, attributesOn(object as MasterObject & { kind: 'worker' }, on) ?? {}),
    );
    const meant = active.length > 0 ? active : [...ids.values()];
    if (meant.length > 1 || (meant[0] && (meant[0].ambiguous || isShared(meant[0], on)))) return 'ambiguous';
    return meant[0];
  }

  async #follow(code: string, on: WorkDate): Promise<MasterObject | 'ambiguous' | undefined> {
    return new FoundObjects(await this.objects.holders(this.database, [{ kind: 'worker', code }])).objectOn('worker', code, on);
  }

  /** HR says the region with most people; for the others it is that of their legal entity. */
  async #regionOf(legalEntity: string | undefined, on: WorkDate): Promise<string | undefined> {
    if (legalEntity === undefined) return undefined;
    const now = this.clock.epochMs();
    if (this.#entities === undefined || now - this.#entities.readAt > ENTITIES_KEPT_MS) {
      const objects = this.objects.ofKind(this.database, 'legal-entity').then((all) => new FoundObjects(all));
      this.#entities = { readAt: now, objects };
      // Whoever asks next tries again.
      objects.catch(() => (this.#entities = undefined));
    }
    const found = (await this.#entities.objects).on('legal-entity', legalEntity, on);
    return typeof found === 'object' ? found.attributes.region : undefined;
  }
}

interface Named {
  readonly projectCode: string;
  readonly workerCode: string | undefined;
  readonly taskCode: string | undefined;
}
const keysOf = ({ projectCode, workerCode, taskCode: task }: Named): { kind: MasterKind; code: string }[] => [
  { kind: 'project', code: projectCode },
  ...(task === undefined ? [] : [{ kind: 'task' as const, code: taskCode(projectCode, task) }]),
  ...(workerCode === undefined
    ? []
    : [
        { kind: 'worker' as const, code: workerCode },
        { kind: 'assignment' as const, code: assignmentCode(projectCode, workerCode) },
      ]),
];

const codeOf = (found: MasterObject | 'ambiguous' | undefined, asked: string): string =>
  typeof found === 'object' ? found.code : asked;

const shown = <N extends 'project' | 'worker'>(
  name: N,
  object: MasterObject | 'ambiguous' | undefined,
  on: WorkDate,
): Partial<Record<N, FoundObjectV1>> => {
  if (typeof object !== 'object') return {};
  const attributes = shownAttributes(object, on);
  return attributes ? ({ [name]: { id: object.id, code: object.code, attributes } } as Record<N, FoundObjectV1>) : {};
};
