import { overlayOf } from '../bundle/overlay-schema.js';
import type { Bundle } from '../bundle/schemas.js';
import type { BundleFile } from '../reading/bundle-file.js';

/** A legal entity or region answers for itself only what the firm lets it. */
export const checkOverlays = (bundle: Bundle, files: readonly BundleFile[]): void => {
  const overridable = new Set(bundle['federation.yaml'].overridable);
  for (const file of files) {
    const { of, name } = overlayOf(file.name)!;
    const overlay = bundle.overlays[of][name]!;
    for (const part of ['validation', 'calendars'] as const)
      for (const key of Object.keys(overlay[part]))
        if (!overridable.has(`${part}.${key}`))
          file.reportKey(
            [part, key],
            `"${part}.${key}" is not overridable: the firm-wide ${part}.yaml decides it for everybody`,
            `remove it here, or have "${part}.${key}" added to "overridable" in federation.yaml`,
          );
  }
};
