/** What a spreadsheet takes for the beginning of a formula, also in full width. */
const TRIGGER = /^'*[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/;

/** Text that no spreadsheet evaluates. Numbers are not guarded: their minus sign is theirs. */
export const guarded = (text: string): string => (TRIGGER.test(text) ? `'${text}` : text);

/** The text that was guarded: the exact reverse for every text. */
export const unguarded = (cell: string): string => (cell.startsWith("'") && TRIGGER.test(cell) ? cell.slice(1) : cell);
