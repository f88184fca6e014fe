import { DeployCheckController } from './adapters/http/deploy-check.controller.js';
import type { PartFactory } from './app-part.js';
import { AskCalendar } from './use-cases/ask-calendar.js';

export const deployCheckPart: PartFactory = (governance) => ({
  controllers: [DeployCheckController],
  providers: [{ provide: AskCalendar, useValue: new AskCalendar(governance) }],
});
