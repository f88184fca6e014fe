import { list, object, optional, withDefault, type Decoded } from '../reading/decoders.js';
import { choice, duration, flag, integer } from '../reading/scalars.js';
import { approvers, hours, hoursPerEntry, late } from './time-rules.js';

/** Keys that a legal entity or region may answer for itself, where federation.yaml says so; one value instead of one per region. */
const validation = {
  hoursPerEntry: optional(hoursPerEntry),
  dailyLimitHours: optional(hours),
  selfApproval: optional(choice(['barred', 'allowed'])),
  approvers: optional(approvers),
  projectGraceDays: optional(integer(0, 3660)),
  unknownKeyGrace: optional(duration),
  requireTask: optional(flag),
  requirePayCode: optional(flag),
  overlap: optional(choice(['hold', 'ignore'])),
};
const calendars = {
  lateOriginals: optional(late),
  lateCorrections: optional(late),
  closingTakes: optional(list(choice(['correction', 'late-approval']))),
};

/** legal-entities/<code>.yaml and regions/<name>.yaml */
export const overlayFile = object({
  validation: withDefault(object(validation), {} as Decoded<ReturnType<typeof object<typeof validation>>>),
  calendars: withDefault(object(calendars), {} as Decoded<ReturnType<typeof object<typeof calendars>>>),
});
export type Overlay = Decoded<typeof overlayFile>;

/** "validation.dailyLimitHours", ... Intercompany is none of them: two legal entities must mean the same by it. */
export const OVERRIDABLE = [
  ...Object.keys(validation).map((key) => `validation.${key}`),
  ...Object.keys(calendars).map((key) => `calendars.${key}`),
];

/** federation.yaml: which keys legal entities and regions may answer for themselves. */
export const federationFile = object({ overridable: withDefault(list(choice(OVERRIDABLE)), []) });

const OVERLAY_NAME = /^(legal-entities|regions)\/([A-Za-z0-9][A-Za-z0-9_.-]{0,63})\.yaml$/;

/** Whose overlay a file is; undefined: the file is none. */
export const overlayOf = (file: string): { readonly of: 'legalEntities' | 'regions'; readonly name: string } | undefined => {
  const [, folder, name] = OVERLAY_NAME.exec(file) ?? [];
  return name === undefined ? undefined : { of: folder === 'regions' ? 'regions' : 'legalEntities', name };
};
