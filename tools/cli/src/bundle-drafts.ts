import type { Call } from './call.js';
import { readBundle } from './bundle-folder.js';
import type { Bundle } from './commands/policy-text.js';
import { wrongUse } from './failure.js';
import { isUuid } from './options.js';

/** The bundle with this id, or a new draft of the folder. @throws Failure when the folder's bundle does not compile */
export const draftOf = async (call: Call, named: string): Promise<Bundle> => {
  if (isUuid(named)) return call.api.get<Bundle>('governance', `/policy/bundles/${named}`);
  const files = readBundle(named, call.world.cwd);
  const draft = await call.api.post<Bundle>('governance', '/policy/bundles', { files });
  if (draft.digest !== null) return draft;
  throw wrongUse(`the bundle in ${named} does not compile`, `npx tieout policy lint ${named}`);
};
