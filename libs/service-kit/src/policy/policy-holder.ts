import type { CompiledPolicy } from '@tieout/policy';

type Listen = (now: CompiledPolicy, before: CompiledPolicy) => Promise<void> | void;

/** The policy in force. Ask for it per batch: it may be another one for the next. */
export interface PolicyHolder {
  current(): CompiledPolicy;
  /**
   * Calls `fn` after another bundle came into force, for those who must look again at what they decided. Not for connections: where they
   * change, the service is started anew. What it throws is logged. @returns how to stop that
   */
  onChange(fn: Listen): () => void;
  readonly origin: PolicyOrigin;
  /** What was offered and refused, and why; undefined once another one was good. */
  readonly refused: string | undefined;
}

/** Where the policy in force comes from. */
export interface PolicyOrigin {
  readonly source: 'folder' | 'governance';
  /** Of the activation; absent: the bundle is the one of POLICY_DIR. */
  readonly revision?: number;
  readonly bundleId?: string;
  readonly activatedAt?: string;
}

/** Holds the policy in force, and why the last one that was offered is not. */
export class PolicyInForce implements PolicyHolder {
  readonly #listeners = new Set<Listen>();
  #policy: CompiledPolicy;
  #origin: PolicyOrigin;
  #refused: string | undefined;

  constructor(
    policy: CompiledPolicy,
    origin: PolicyOrigin,
    private readonly onProblem: (error: unknown) => void,
  ) {
    this.#policy = policy;
    this.#origin = origin;
  }

  current(): CompiledPolicy {
    return this.#policy;
  }

  onChange(fn: Listen): () => void {
    this.#listeners.add(fn);
    return () => void this.#listeners.delete(fn);
  }

  get origin(): PolicyOrigin {
    return this.#origin;
  }

  get refused(): string | undefined {
    return this.#refused;
  }

  refuse(why: string): void {
    this.#refused = why;
  }

  /** What stands on the stream is what is in force. */
  nothingRefused(): void {
    this.#refused = undefined;
  }

  /** Between two batches: whoever asked before goes on with the one that it got. */
  async swap(policy: CompiledPolicy, origin: PolicyOrigin): Promise<void> {
    const before = this.#policy;
    this.#policy = policy;
    this.#origin = origin;
    this.#refused = undefined;
    if (policy.digest === before.digest) return;
    for (const listen of this.#listeners) {
      try {
        await listen(policy, before);
      } catch (error) {
        this.onProblem(error);
      }
    }
  }
}
