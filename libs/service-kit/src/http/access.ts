import { createParamDecorator, SetMetadata, type CustomDecorator, type ExecutionContext } from '@nestjs/common';

export const ROLES = [
  'operator',
  'finance',
  'payroll',
  'auditor',
  'platform',
  'enterprise-architecture',
  'service-operations',
  'service',
] as const;
export type Role = (typeof ROLES)[number];

export const PUBLIC_KEY = 'tieout:public';
export const ROLES_KEY = 'tieout:roles';

/** Open to anybody: health, the API description, and webhooks that verify a signature themselves. */
export const Public = (): CustomDecorator => SetMetadata(PUBLIC_KEY, true);

/** Open to whoever has at least one of these. Without it a handler is open to every known role. */
export const Roles = (...roles: Role[]): CustomDecorator => SetMetadata(ROLES_KEY, roles);

/** 'user:<subject>' or 'service:<client>': what every command and audit row carries. */
export type Actor = string;

export interface Caller {
  readonly actor: Actor;
  readonly roles: readonly Role[];
}

/** Where the guard leaves the caller on a request. */
export const CALLER = Symbol.for('tieout.caller');

export const actorOf = (request: object): Actor => {
  const caller = (request as { [CALLER]?: Caller })[CALLER];
  if (caller === undefined) throw new Error('@ActorOf() on a handler that is @Public(): it has no caller');
  return caller.actor;
};

export const ActorOf = createParamDecorator((_: unknown, context: ExecutionContext): Actor =>
  actorOf(context.switchToHttp().getRequest()),
);

/** Actor and roles: for handlers whose rules come from policy and not from @Roles(). */
export const CallerOf = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const request = context.switchToHttp().getRequest<{ [CALLER]?: Caller }>();
  const caller = request[CALLER];
  if (caller === undefined) throw new Error('@CallerOf() on a handler that is @Public(): it has no caller');
  return caller;
});
