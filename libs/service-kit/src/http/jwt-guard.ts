import { type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { CALLER, PUBLIC_KEY, ROLES, ROLES_KEY, type Caller, type Role } from './access.js';
import { Problem } from './problem.js';
import type { TokenVerifier } from './token-verifier.js';

/** Denies by default: without @Public() a request needs a verified token with a role that the handler takes. */
export class JwtGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly tokens: TokenVerifier,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    // Between services the NATS account decides who may say what.
    if (context.getType() !== 'http') return true;
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean | undefined>(PUBLIC_KEY, targets) === true) return true;
    const request = context.switchToHttp().getRequest<FastifyRequest & { [CALLER]?: Caller }>();
    const caller = await this.tokens.verify(request.headers.authorization);
    const accepted = this.reflector.getAllAndOverride<readonly Role[] | undefined>(ROLES_KEY, targets) ?? ROLES;
    if (!caller.roles.some((role) => accepted.includes(role))) {
      const detail = `${caller.actor} has ${caller.roles.length === 0 ? 'no role' : `the roles ${caller.roles.join(', ')}`}; this needs one of ${accepted.join(', ')}.`;
      throw new Problem(403, 'role-missing', 'Not allowed', detail, 'Ask the platform team for the role.');
    }
    request[CALLER] = caller;
    return true;
  }
}
