import { either, isSingle, like, mapped, object, record, required, withDefault, type Decoder } from '../reading/decoders.js';
import { text } from '../reading/scalars.js';

export const CODE = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;
export const legalEntityKey = like(CODE, 'the code of a legal entity');
const regionKey = like(CODE, 'the name of a region');
export const connectionName = text('the id of a connection', CODE);

/** One value for all, or one per region with a default. */
export const byRegion = <T>(value: Decoder<T>) =>
  either(
    isSingle,
    mapped(value, (all) => ({ default: all, regions: {} as Record<string, T> })),
    object({ default: required(value), regions: withDefault(record(regionKey, value), {}) }),
  );
