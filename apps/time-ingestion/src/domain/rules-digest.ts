import { contentHash } from '@tieout/model';
import type { BundlePart, CompiledPolicy } from '@tieout/policy';

/**
 * What `assess` reads of a bundle. Another bundle in which only other parts changed (who owns a case, by when it is due) gives the same
 * verdicts, and a year of entries need not be assessed again for it. What an overlay changes counts as a change of its part.
 */
const READ_BY_ASSESSMENT: readonly BundlePart[] = ['validation', 'calendars', 'accounts', 'routing'];

/** Equal where every verdict would be. */
export const rulesDigestOf = ({ partDigests }: Pick<CompiledPolicy, 'partDigests'>): string =>
  contentHash(READ_BY_ASSESSMENT.map((part) => partDigests[part] ?? null));
