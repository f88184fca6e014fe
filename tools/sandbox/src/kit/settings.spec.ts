import { describe, expect, it } from 'vitest';
import { DEFAULT_PANEL, settingsProblems } from './settings.js';

describe('settings of the panel', () => {
  it('are right as they come', () => expect(settingsProblems(DEFAULT_PANEL)).toEqual([]));

  it.each([
    [{ latencyMs: -1 }, 'latencyMs is -1: expected a number from 0'],
    [{ latencyMs: '5' }, 'latencyMs is "5": expected a number from 0'],
    [{ partialAcceptance: 1 }, 'partialAcceptance is 1: expected true or false'],
    [{ throttleStatus: 418 }, 'throttleStatus is 418: expected one of 429, 400, 401, 503'],
    [{ refusedCodes: 'E1' }, 'refusedCodes is "E1": expected a list of texts'],
    [[], 'expected an object of settings'],
  ])('%j is told as wrong', (settings, problem) => expect(settingsProblems(settings)).toEqual([problem]));

  it('names what there is, for a setting that there is not', () =>
    expect(settingsProblems({ latency: 1 })[0]).toMatch(/^unknown setting latency; settings are latencyMs, /));
});
