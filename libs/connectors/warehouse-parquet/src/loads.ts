import { bookedLineOf, FACT_COLUMNS, type BookedDocument, type PostingDocument, type WarehouseRow } from '@tieout/connector-kit';
import { Fault } from '@tieout/model';
import { decode, encode, type DecodedFile } from './client/parquet-file.js';
import type { WarehouseFolder } from './client/warehouse-folder.js';
import { FACTS } from './layout.js';

/** What may stand in a path as it is: keys are UUIDs, periods are months. */
const PLAIN = /^[A-Za-z0-9][\w-]{0,79}$/;
const PERIOD = 'period=';
const SUFFIX = '.parquet';

/** External id of a load: "2026-11/<document key>". */
const idOf = (period: string, key: string): string => `${period}/${key}`;
const partsOf = (id: string): [period: string, key: string] | undefined => {
  const [period = '', key = '', ...more] = id.split('/');
  return PLAIN.test(period) && PLAIN.test(key) && more.length === 0 ? [period, key] : undefined;
};
const pathOf = (period: string, key: string): string => `${FACTS}/${PERIOD}${period}/${key}${SUFFIX}`;

const periods = async (folder: WarehouseFolder): Promise<string[]> =>
  (await folder.list(FACTS)).filter((name) => name.startsWith(PERIOD)).map((name) => name.slice(PERIOD.length));

/** Ids of the loads with this key; more than one only if somebody copied a file. */
export const findLoads = async (folder: WarehouseFolder, key: string): Promise<string[]> => {
  await folder.mustExist();
  if (!PLAIN.test(key)) return [];
  const found: string[] = [];
  for (const period of await periods(folder)) if (await folder.has(pathOf(period, key))) found.push(idOf(period, key));
  return found;
};

/** Writes the file of a load and returns its id. Again with the same content: no effect. @throws Fault ContractBroken */
export const writeLoad = async (
  folder: WarehouseFolder,
  document: PostingDocument,
  facts: readonly WarehouseRow[],
): Promise<string> => {
  const { documentKey, postingPeriod } = document;
  if (!PLAIN.test(documentKey) || !PLAIN.test(postingPeriod))
    throw new Fault('ContractBroken', `load ${documentKey} of period ${postingPeriod}: no names for a file`);
  const id = idOf(postingPeriod, documentKey);
  for (const present of await findLoads(folder, documentKey)) {
    const said = await readFile(folder, present);
    // Something is loaded that this document is not. No rejection, or its lines would be sent once more under another key.
    if (present !== id || said?.facts['content_hash'] !== document.contentHash)
      throw new Fault('ContractBroken', `load ${documentKey}: its key was used for another content`);
    return id;
  }
  await folder.write(
    pathOf(postingPeriod, documentKey),
    encode(FACT_COLUMNS, facts, {
      content_hash: document.contentHash,
      legal_entity: document.legalEntityId,
      posting_date: document.postingDate,
      currency: document.currency,
    }),
  );
  return id;
};

const readFile = async (folder: WarehouseFolder, id: string): Promise<DecodedFile | undefined> => {
  const parts = partsOf(id);
  const path = parts && pathOf(...parts);
  const bytes = path === undefined ? undefined : await folder.read(path);
  return bytes && decode(path!, bytes, FACT_COLUMNS);
};

/** @returns undefined when there is no load of this id. */
export const readLoad = async (folder: WarehouseFolder, id: string): Promise<BookedDocument | undefined> => {
  const [postingPeriod, reference] = partsOf(id) ?? ['', ''];
  const found = await readFile(folder, id);
  if (!found) return undefined;
  return {
    externalId: id,
    reference,
    state: 'posted',
    legalEntityId: found.facts['legal_entity'],
    postingPeriod,
    postingDate: found.facts['posting_date'],
    currency: found.facts['currency'],
    lines: found.rows.map(bookedLineOf),
  };
};

/** Ids of all loads after a place, in order of period and key. */
export const loadsAfter = async (folder: WarehouseFolder, after: string): Promise<string[]> => {
  await folder.mustExist();
  const ids: string[] = [];
  for (const period of await periods(folder))
    for (const name of await folder.list(`${FACTS}/${PERIOD}${period}`))
      if (name.endsWith(SUFFIX)) ids.push(idOf(period, name.slice(0, -SUFFIX.length)));
  return ids.filter((id) => id > after).sort();
};
