/** A destination that a person has locked: adoption, which people do before go-live, may go on under it. */
export const holdOf = (actor: string, reason: string): string => `held by ${actor}: ${reason}`;
export const isHeld = (locked: string): boolean => locked.startsWith('held by ');
