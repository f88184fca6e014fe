import type { CurrencyCode, DecimalString, WorkDate } from '@tieout/model';

/** A project as a won opportunity wants it, in canonical words. */
export interface NewProject {
  readonly code: string;
  readonly name: string;
  readonly legalEntityId: string;
  readonly client?: string | undefined;
  readonly billable: boolean;
  /** In the firm's words, as MasterAttributes.project says: "time-and-material". */
  readonly revenueMethod?: string | undefined;
  readonly budgetHours?: DecimalString | undefined;
  /** In `currency`, which is the legal entity's. */
  readonly budgetAmount?: DecimalString | undefined;
  readonly currency?: CurrencyCode | undefined;
  readonly activeFrom: WorkDate;
  readonly activeTo?: WorkDate | undefined;
  /** Worker code of who manages it. */
  readonly manager?: string | undefined;
}

export interface FoundProject {
  readonly externalId: string;
  readonly code: string;
  /** It carries the reference that was asked for: we made it. False where the system keeps no reference. */
  readonly ours: boolean;
  /** As far as the system says; for whoever decides whether it is the same project. */
  readonly legalEntityId?: string | undefined;
  readonly client?: string | undefined;
}

export type ProjectOutcome =
  | { readonly kind: 'created'; readonly externalId: string }
  | { readonly kind: 'exists'; readonly project: FoundProject }
  | { readonly kind: 'refused'; readonly reasons: readonly string[] };

export interface ProjectCapabilities {
  /** Longest that one `putProject` takes, all its requests together. */
  readonly deadlineMs: number;
  /** How long after its deadline a request may still be carried out. */
  readonly settleMs: number;
  /** How long a project that was made may stay invisible. */
  readonly readLagMs: number;
  /**
   * `code`: the system refuses a second project with the same code, whatever happens. `none`: only looking first keeps it away, so a
   * request that is carried out later than deadline + settle + read lag stands twice.
   */
  readonly unique: 'code' | 'none';
}

/** Makes projects at a system that the firm plans, staffs or books in. */
export interface ProjectTarget {
  verifyAccess(): Promise<void>;
  /**
   * Looks for the project by our reference and by its code, and makes it when neither is there. `reference` is the same for the same
   * project, always. After OutcomeUnknown, ask again with the same reference, but not before deadline + settle + read lag are over.
   * @throws Fault Unavailable, RateLimited, CredentialsRejected (nothing was done), ContractBroken, OutcomeUnknown
   */
  putProject(project: NewProject, reference: string): Promise<ProjectOutcome>;
}

/** What a connector brings for `lookThenMake`. */
export interface ProjectVendor {
  /** Every project with the reference or the code; the answer is filtered again, as look-ups may lie. */
  find(code: string, reference: string): Promise<readonly FoundProject[]>;
  /** `taken`: the system says that the code is in use. */
  make(project: NewProject, reference: string): Promise<Exclude<ProjectOutcome, { kind: 'exists' }> | { readonly kind: 'taken' }>;
}

const refused = (reason: string): ProjectOutcome => ({ kind: 'refused', reasons: [reason] });

const standing = (found: readonly FoundProject[], code: string): ProjectOutcome | undefined => {
  const [project, ...others] = found;
  if (!project) return undefined;
  if (others.length > 0)
    return refused(
      `${found.length} projects stand for ${code}: ${found.map(({ externalId }) => externalId).join(', ')}; keep one`,
    );
  if (project.code !== code)
    return refused(`project ${project.externalId} was made for this already, with the code ${project.code} instead of ${code}`);
  return { kind: 'exists', project };
};

/** The one order of things for every vendor: look, make, and when the code was taken in between, look again. */
export const lookThenMake = async (vendor: ProjectVendor, project: NewProject, reference: string): Promise<ProjectOutcome> => {
  const { code } = project;
  const before = standing(await vendor.find(code, reference), code);
  if (before) return before;
  const made = await vendor.make(project, reference);
  if (made.kind !== 'taken') return made;
  return (
    standing(await vendor.find(code, reference), code) ??
    refused(`the code ${code} is taken by a project that cannot be seen; release it or choose another`)
  );
};
