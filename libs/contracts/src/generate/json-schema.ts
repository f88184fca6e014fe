import { createRequire } from 'node:module';
import { IS_UUID, ValidationTypes } from 'class-validator';
import { validationMetadatasToSchemas } from 'class-validator-jsonschema';
import { COMMAND_CONTRACTS, EVENT_CONTRACTS, QUESTION_CONTRACTS } from '../registry.js';
import type { JsonSchema } from '../schemas.js';

// class-transformer does not export where @Type() keeps what it was told; without it nested classes would have no schema.
const { defaultMetadataStorage } = createRequire(import.meta.url)('class-transformer/cjs/storage.js') as {
  defaultMetadataStorage: unknown;
};

export type ContractKind = 'events' | 'commands' | 'questions';
type Contract = new () => object;

/** Every contract by kind: event type, command subject or question subject to class. */
export const CONTRACTS: Readonly<Record<ContractKind, Readonly<Record<string, Contract>>>> = {
  events: EVENT_CONTRACTS,
  commands: COMMAND_CONTRACTS,
  questions: QUESTION_CONTRACTS,
};

const REF = '#/definitions/';
// JSON Schema's "format" is only an annotation to validators without a plug-in; a pattern is checked by all of them.
const UUID =
  '^([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-8][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}|0{8}-0{4}-0{4}-0{4}-0{12}|[fF]{8}-[fF]{4}-[fF]{4}-[fF]{4}-[fF]{12})$';

const classSchemas = (): Record<string, JsonSchema> =>
  validationMetadatasToSchemas({
    classTransformerMetadataStorage: defaultMetadataStorage as never,
    refPointerPrefix: REF,
    // IsDefined is what "required" says already.
    additionalConverters: { [IS_UUID]: { type: 'string', pattern: UUID }, [ValidationTypes.IS_DEFINED]: {} },
  }) as Record<string, JsonSchema>;

/** "qry.<context>.receipts.v1": neither a file name nor a URN may hold the brackets. */
const withoutPlaceholder = (type: string): string => type.replaceAll(/[<>]/g, '');

const refsIn = (schema: unknown): string[] => {
  if (Array.isArray(schema)) return schema.flatMap(refsIn);
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) =>
    key === '$ref' && typeof value === 'string' ? [value.slice(REF.length)] : refsIn(value),
  );
};

/** Closed over its own definitions, so that one file is enough to check a message. */
const selfContained = (contract: Contract, id: string, all: Record<string, JsonSchema>): JsonSchema => {
  const root = all[contract.name];
  if (!root) throw new Error(`no validated property on ${contract.name}`);
  const definitions: Record<string, JsonSchema> = {};
  const open = refsIn(root);
  for (let name = open.shift(); name !== undefined; name = open.shift()) {
    if (definitions[name]) continue;
    const found = all[name];
    if (!found) throw new Error(`${contract.name} refers to ${name}, which has no validated property`);
    definitions[name] = found;
    open.push(...refsIn(found));
  }
  const sorted = Object.fromEntries(Object.entries(definitions).sort(([a], [b]) => (a < b ? -1 : 1)));
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: `urn:tieout:${withoutPlaceholder(id)}`,
    title: contract.name,
    ...root,
    // Unknown properties are allowed: a newer producer may send more than this version knows.
    ...(Object.keys(sorted).length > 0 && { definitions: sorted }),
  };
};

/** The schema of one class; for contracts outside the registry, and for tests. */
export const schemaOf = (contract: Contract, id: string): JsonSchema => selfContained(contract, id, classSchemas());

/** Every contract's schema, from the classes as they are now. */
export const contractSchemas = (): Record<ContractKind, Record<string, JsonSchema>> => {
  const all = classSchemas();
  const of = (kind: ContractKind): Record<string, JsonSchema> =>
    Object.fromEntries(Object.entries(CONTRACTS[kind]).map(([type, contract]) => [type, selfContained(contract, type, all)]));
  return { events: of('events'), commands: of('commands'), questions: of('questions') };
};

/** File of a contract below generated/ or published/. */
export const schemaFile = (kind: ContractKind, type: string): string => `${kind}/${withoutPlaceholder(type)}.schema.json`;
