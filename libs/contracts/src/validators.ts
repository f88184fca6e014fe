// Every contract class passes through here; @Type() needs the metadata API before the first class is declared.
import 'reflect-metadata';
import { LEGS } from '@tieout/model';
import { Matches } from 'class-validator';

/** A plain decimal as text: never a JSON number, which would round. */
export const IsDecimalText = (): PropertyDecorator =>
  Matches(/^-?\d{1,18}(\.\d{1,12})?$/, { message: '$property must be a decimal as text, for example "7.5"' });
export const IsCalendarDate = (): PropertyDecorator =>
  Matches(/^\d{4}-\d{2}-\d{2}$/, { message: '$property must be a date, for example 2026-11-23' });
export const IsInstant = (): PropertyDecorator =>
  Matches(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z$/, {
    message: '$property must be a UTC instant, for example 2026-11-23T09:00:00.000Z',
  });
export const IsCurrency = (): PropertyDecorator => Matches(/^[A-Z]{3}$/, { message: '$property must be an ISO 4217 code' });
/** One of LEGS, or "pay:" and the pay code, or "carried-over:" and the leg. */
export const IsLeg = (): PropertyDecorator =>
  Matches(new RegExp(`^(${LEGS.join('|')}|(pay|carried-over):.+)$`), {
    message: '$property must be a leg, for example labour-cost or pay:REG',
  });
