import { durationMs } from '@tieout/model';
import type { CalendarRules, CompiledPolicy, ValidationRules, Where } from '../compiled-policy.js';
import type { Bundle } from '../bundle/schemas.js';
import { own } from './own.js';

/** The overlays that count somewhere, the most particular last. */
type Overlay = Bundle['overlays']['regions'][string];

/**
 * Rules by where the hour belongs: the legal entity's overlay before the region's before the firm. Each answer is made once: every entry
 * of a month-end asks for it.
 */
const perWhere = <T>(
  legalEntities: ReadonlySet<string>,
  regions: ReadonlySet<string>,
  make: (legalEntityId: string | undefined, region: string | undefined) => T,
): ((where: Where) => T) => {
  const known = new Map<string | undefined, Map<string | undefined, T>>();
  return ({ legalEntityId, region }) => {
    // A name that no rule mentions has the firm's answer; the number of answers stays that of the bundle.
    const entity = legalEntityId !== undefined && legalEntities.has(legalEntityId) ? legalEntityId : undefined;
    const place = region !== undefined && regions.has(region) ? region : undefined;
    let ofEntity = known.get(entity);
    if (ofEntity === undefined) known.set(entity, (ofEntity = new Map()));
    let rules = ofEntity.get(place);
    if (rules === undefined) ofEntity.set(place, (rules = make(entity, place)));
    return rules;
  };
};

const withoutGaps = <T extends object>(overlay: T | undefined): Partial<T> =>
  Object.fromEntries(Object.entries(overlay ?? {}).filter(([, value]) => value !== undefined)) as Partial<T>;

const overlays = <P extends 'validation' | 'calendars'>(
  bundle: Bundle,
  part: P,
): Record<'entity' | 'region', (name: string | undefined) => Partial<Overlay[P]>> => ({
  entity: (name) => withoutGaps<Overlay[P]>(own(bundle.overlays.legalEntities, name)?.[part]),
  region: (name) => withoutGaps<Overlay[P]>(own(bundle.overlays.regions, name)?.[part]),
});

export const compileValidation = (bundle: Bundle): CompiledPolicy['validationFor'] => {
  const file = bundle['validation.yaml'];
  const { dailyLimitHours, projectGraceDays, approvers } = file;
  const { entity, region } = overlays(bundle, 'validation');
  const legalEntities = new Set([...Object.keys(bundle.overlays.legalEntities), ...Object.keys(approvers.legalEntities)]);
  const regions = new Set([
    ...Object.keys(bundle.overlays.regions),
    ...Object.keys(dailyLimitHours.regions),
    ...Object.keys(projectGraceDays.regions),
  ]);
  return perWhere(legalEntities, regions, (code, name): ValidationRules => {
    const firmsForEntity = own(approvers.legalEntities, code);
    const rules = {
      hoursPerEntry: file.hoursPerEntry,
      dailyLimitHours: own(dailyLimitHours.regions, name) ?? dailyLimitHours.default,
      selfApproval: file.selfApproval,
      approvers: approvers.default,
      projectGraceDays: own(projectGraceDays.regions, name) ?? projectGraceDays.default,
      unknownKeyGrace: file.unknownKeyGrace,
      intercompany: file.intercompany,
      requireTask: file.requireTask,
      requirePayCode: file.requirePayCode,
      overlap: file.overlap,
      ...region(name),
      ...(firmsForEntity !== undefined && { approvers: firmsForEntity }),
      ...entity(code),
    } as Omit<ValidationRules, 'unknownKeyGraceMs'>;
    return { ...rules, unknownKeyGraceMs: durationMs(rules.unknownKeyGrace) };
  });
};

export const compileCalendarRules = (bundle: Bundle): CompiledPolicy['calendarFor'] => {
  const { lateOriginals, lateCorrections, closingTakes } = bundle['calendars.yaml'];
  const { entity, region } = overlays(bundle, 'calendars');
  return perWhere(
    new Set(Object.keys(bundle.overlays.legalEntities)),
    new Set(Object.keys(bundle.overlays.regions)),
    (code, name) => ({ lateOriginals, lateCorrections, closingTakes, ...region(name), ...entity(code) }) as CalendarRules,
  );
};
