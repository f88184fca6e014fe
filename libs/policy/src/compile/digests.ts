import { canonicalJson } from '@tieout/model';
import { createHash } from 'node:crypto';
import { BUNDLE_PARTS, type BundlePart } from '../answers/governance.js';
import type { Bundle } from '../bundle/schemas.js';

const sha256 = (value: unknown): string => createHash('sha256').update(canonicalJson(value)).digest('hex');

/** The mark keeps digests of a later format apart from these. */
export const digestOf = (bundle: Bundle): string => sha256({ format: 'tieout-policy/2', bundle });

/** What an overlay says counts as said by the part that it touches: whoever approves that part approves it. */
export const digestsOfParts = (bundle: Bundle): Partial<Record<BundlePart, string>> => {
  const overlaid = (part: string): unknown =>
    (['legalEntities', 'regions'] as const).map((level) =>
      Object.fromEntries(
        Object.entries(bundle.overlays[level]).flatMap(([name, overlay]) => {
          const touched = (overlay as Readonly<Record<string, object | undefined>>)[part];
          return touched === undefined || Object.keys(touched).length === 0 ? [] : [[name, touched]];
        }),
      ),
    );
  return Object.fromEntries(BUNDLE_PARTS.map((part) => [part, sha256([bundle[`${part}.yaml`], overlaid(part)])]));
};

export const changedParts = (
  ours: Partial<Record<BundlePart, string>>,
  theirs: Partial<Record<BundlePart, string>>,
): readonly BundlePart[] => BUNDLE_PARTS.filter((part) => ours[part] !== theirs[part]);
