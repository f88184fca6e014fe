import type { Role } from '@tieout/policy';
import { refused, type ChangeRefusal } from './refusal.js';

/** Who asks: the actor and roles of a verified token, never of a message. */
export interface Person {
  /** "user:<subject>" or "service:<client>". */
  readonly actor: string;
  readonly roles: readonly Role[];
}

/** A program may prepare a change. Saying that it is right is for people. */
export const refuseProgram = (
  { actor }: Person,
  what: string,
): { readonly ok: false; readonly refusal: ChangeRefusal } | undefined =>
  actor.startsWith('user:')
    ? undefined
    : refused('not-a-person', `${actor} is a program; ${what} is for a person.`, 'Sign in as yourself and do it again.');

export const holdsOneOf = (person: Person, roles: readonly Role[]): boolean => person.roles.some((role) => roles.includes(role));

export const refuseRole = (
  person: Person,
  roles: readonly Role[],
  what: string,
): { readonly ok: false; readonly refusal: ChangeRefusal } | undefined =>
  holdsOneOf(person, roles)
    ? undefined
    : refused(
        'role-not-held',
        `By the active policy ${what} is for ${roles.join(', ') || 'nobody'}; ${person.actor} has ${person.roles.join(', ') || 'no role'}.`,
        'Ask somebody who has the role.',
      );
