import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { addDecimals, isDecimalString } from '@tieout/model';

export const HEADING = 'entryNo,revision,status,worker,project,date,hours';

/** Drops a file as a careful sender does: first the file, then the control file that says it is complete. */
export const drop = async (
  folder: string,
  name: string,
  rows: readonly string[],
  control: Record<string, unknown> = {},
): Promise<void> => {
  const text = `${[HEADING, ...rows].join('\n')}\n`;
  const hours = addDecimals(rows.map((row) => row.split(',')[6] ?? '').filter(isDecimalString));
  await writeFile(join(folder, `${name}.csv`), text);
  const sha256 = createHash('sha256').update(text).digest('hex');
  await writeFile(join(folder, `${name}.control.json`), JSON.stringify({ sha256, rows: rows.length, hours, ...control }));
};
