/** What the command says to whoever called it. Stable: pipelines decide on these. */
export const EXIT = {
  /** Done; yes; nothing differs. */
  ok: 0,
  /** No; problems or differences were found; the file does not verify. */
  no: 1,
  /** The command line, a file or a profile is wrong: nothing was asked of any service. */
  usage: 2,
  /** A service refused, and said why. */
  refused: 3,
  /** A service or the identity provider cannot be reached. */
  away: 4,
  /** No token, or none that is taken. */
  notSignedIn: 5,
  /** A second person must approve: the request was filed. */
  waiting: 6,
  /** A bug, here or in the service. */
  bug: 70,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_HELP = `Exit codes:
  0   done; yes; nothing differs
  1   no; problems or differences found
  2   the command line, a file or the profile is wrong
  3   the service refused, and said why
  4   a service or the identity provider cannot be reached
  5   not signed in
  6   waits for a second person: a request was filed
  70  a bug, here or in the service`;
