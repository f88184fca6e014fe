import { eventSchema, type EventType } from '@tieout/contracts';
import { Ajv, type ValidateFunction } from 'ajv';

// Not strict: the generated schemas put "enum" beside "$ref" and the like, which is sound but which strict mode warns of.
const ajv = new Ajv({ allErrors: false, strict: false });
const compiled = new Map<EventType, ValidateFunction>();

/** Where and why the body does not keep the contract of its type; undefined when it does. */
export function contractProblem(type: EventType, body: unknown): string | undefined {
  let validate = compiled.get(type);
  if (!validate) compiled.set(type, (validate = ajv.compile(eventSchema(type))));
  if (validate(body)) return undefined;
  const [first] = validate.errors ?? [];
  // Never the value itself: it may be personal.
  return `body${(first?.instancePath ?? '').replaceAll('/', '.')} ${first?.message ?? 'is invalid'} (contract ${type})`;
}
