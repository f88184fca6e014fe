import { FEED_COMMANDS } from '@tieout/contracts';
import { AnswerProblem } from '@tieout/messaging';
import { isFault } from '@tieout/model';
import type { Role } from '@tieout/policy';
import type { Governance } from '../../app-part.js';
import { adoptionWindow, type DoneAction, type Onboarding, type OnboardingAction } from '../../domain/onboarding/onboarding.js';
import { refuseRole, type Person } from '../../domain/person.js';
import { allowed, refused, type Decision } from '../../domain/refusal.js';
import type { RequestSize } from '../../domain/requests/operator-request.js';
import type { OperatorRequests } from '../operator-requests.js';

type Command = Extract<OnboardingAction, { readonly destination: string }>;

/** As at the feeds' own edge. */
const ROLES: Readonly<Record<Command['kind'], readonly Role[]>> = {
  lock: ['finance', 'operator'],
  rehearse: ['finance'],
  adopt: ['finance'],
  open: ['finance'],
};
/** Reading a month of a predecessor's ledger takes its time. */
const ANSWER_MS = 120_000;

/** Sends a feed what the onboarding wants of it; above policy's threshold it becomes a request for a second person. */
export class SendOnboardingCommand {
  constructor(
    private readonly governance: Governance,
    private readonly requests: OperatorRequests,
  ) {}

  async send(
    person: Person,
    { request }: Onboarding,
    { kind, feed, destination }: Command,
  ): Promise<Decision<Pick<DoneAction, 'answer' | 'requestId'>>> {
    const wrongRole = refuseRole(person, ROLES[kind], `to ${kind} at ${destination}`);
    if (wrongRole) return wrongRole;
    const why = `onboarding of ${request.legalEntity.code}`;
    const verb = kind === 'rehearse' ? 'adopt' : kind;
    const subject = FEED_COMMANDS[feed][verb];
    const command =
      verb === 'adopt'
        ? { destination, ...adoptionWindow(request), dryRun: kind === 'rehearse' }
        : { destination, reason: kind === 'open' ? `${why}: go-live` : why };
    try {
      const answer = await this.governance.runtime.questions.command<object>(
        subject,
        { ...command, actor: person.actor },
        ANSWER_MS,
      );
      if (answer !== null && typeof answer === 'object' && 'refused' in answer)
        return refused('onboarding-refused', String(answer.refused), 'Mend what is named and advance again.');
      return allowed({ answer });
    } catch (error) {
      if (error instanceof AnswerProblem && error.code === 'second-person-needed') {
        const size = (error.body['size'] ?? null) as RequestSize | null;
        const opened = await this.requests.open(person, { subject, command, size, why });
        return opened.ok ? allowed({ requestId: opened.value.requestId }) : opened;
      }
      if (error instanceof AnswerProblem)
        return refused('onboarding-refused', `${feed}: ${error.message}`, 'Mend what is named and advance again.');
      // It may have been carried out: the next look shows it, and each of these commands is safe to repeat.
      if (isFault(error, 'Unavailable'))
        return refused(
          'service-away',
          `${feed} does not answer: ${error.message}.`,
          'See that the service runs, and advance again.',
        );
      throw error;
    }
  }
}
