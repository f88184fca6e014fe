import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { CATALOGUE } from '@tieout/contracts';
import { CHANGES, type Change } from '@tieout/policy';
import { Problem } from '@tieout/service-kit';
import { IsIn, IsISO8601, IsOptional, IsString, MaxLength } from 'class-validator';
import { servicesIn } from '../../domain/contracts.js';
import { AskCalendar } from '../../use-cases/ask-calendar.js';

class Where {
  @IsOptional() @IsString() @MaxLength(100) legalEntityId?: string;
  @IsOptional() @IsString() @MaxLength(100) region?: string;
}

const INSTANT = { message: '$property must be an instant, for example 2026-11-30T18:00:00Z' };

class DeployQuery extends Where {
  @IsString() @MaxLength(100) service: string;
  /** Absent: the one of this governance. */
  @IsOptional() @IsString() @MaxLength(100) environment?: string;
  /** Absent: now. */
  @IsOptional() @IsISO8601({ strict: true }, INSTANT) at?: string;
  /** Absent: deployment. */
  @IsOptional() @IsIn(CHANGES) change?: Change;
}

class CalendarQuery extends Where {
  @IsISO8601({ strict: true }, INSTANT) from: string;
  @IsISO8601({ strict: true }, INSTANT) to: string;
}

const LONGEST_MS = 400 * 86_400_000;

/** Open to every role: release pipelines ask it. */
@ApiTags('change calendar')
@Controller()
export class DeployCheckController {
  constructor(@Inject(AskCalendar) private readonly calendar: AskCalendar) {}

  @Get('deploy-check')
  @ApiOkResponse({ description: 'Whether the change may happen then, and if not, why and when it may' })
  check(@Query() { service, change = 'deployment', ...rest }: DeployQuery) {
    const services = servicesIn(CATALOGUE);
    if (!services.includes(service))
      throw new Problem(
        404,
        'unknown-service',
        'No such service',
        `No service is called "${service}".`,
        `Use one of ${services.join(', ')}.`,
      );
    return this.calendar.mayDeploy({ service, change, ...rest });
  }

  @Get('change-calendar')
  @ApiOkResponse({ description: 'Closes, payroll cycles, change windows, freezes and holidays on their dates; half-open' })
  async show(@Query() { from, to, ...where }: CalendarQuery) {
    const length = Date.parse(to) - Date.parse(from);
    if (!(length > 0 && length <= LONGEST_MS))
      throw new Problem(
        400,
        'invalid-request',
        'The request is wrong',
        `From ${from} to ${to} is no span of up to 400 days.`,
        'Give "to" after "from", at most 400 days later.',
      );
    return { items: await this.calendar.show(from, to, where) };
  }
}
