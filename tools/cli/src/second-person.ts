import { amounts, answer, facts, paragraphs, type Answer } from './answer.js';
import { Refused } from './api.js';
import { text, type Call } from './call.js';
import { EXIT } from './exit-codes.js';

export interface Size {
  readonly lines: number;
  readonly hours?: string;
  readonly amounts: Readonly<Record<string, string>>;
}

export const sizeText = (size: Size | null | undefined): string =>
  size ? [`${size.lines} lines`, size.hours && `${size.hours} h`, amounts(size.amounts)].filter(Boolean).join(', ') : '';

/**
 * Does it; where the service wants a second person, files a request at governance and says how somebody else approves it. Nothing has
 * happened then: governance sends the command once another person said yes.
 */
export const withSecondPerson = async <T>(call: Call, send: () => Promise<T>, show: (found: T) => Answer): Promise<Answer> => {
  let found: T;
  try {
    found = await send();
  } catch (error) {
    if (error instanceof Refused && error.code === 'second-person-needed') return fileRequest(call, error);
    throw error;
  }
  return show(found);
};

const fileRequest = async (call: Call, { body, message }: Refused): Promise<Answer> => {
  const { subject, command, size } = body as unknown as { subject: string; command: object; size?: Size };
  const why = text(call, 'why') ?? text(call, 'reason') ?? 'asked for at the command line';
  const request = await call.api.post<{ requestId: string; expiresAt?: string }>('governance', '/requests', {
    subject,
    command,
    ...(size && { size }),
    why,
  });
  const { requestId, expiresAt } = request;
  const shown = facts([
    ['request', requestId],
    ['command', subject],
    ['size', sizeText(size)],
    ['expires', expiresAt],
  ]);
  const how = `Another person approves it: npx tieout --as <person> request approve ${requestId}\nIt is carried out then; npx tieout request show ${requestId} says what came of it.`;
  return answer({ waiting: 'second-person', request }, paragraphs(`not done yet: ${message}`, shown, how), EXIT.waiting);
};
