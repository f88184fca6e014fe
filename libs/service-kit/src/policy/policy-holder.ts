import type { CompiledPolicy } from '@tieout/policy';

type Listen = (now: CompiledPolicy, before: CompiledPolicy) => Promise<void> | void;

/** The policy in force. Ask for it per batch: it may be another one for the next. */
export interface PolicyHolder {
  current(): CompiledPolicy;
  /**
   * Calls `fn` after another bundle came into force, for those who must look again at what they decided. Not for connections: where they
   * change, the service is started anew. When it throws, it is called again some seconds later. @returns how to stop that
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
  /** Who has not followed yet, and from which bundle on. */
  readonly #behind = new Map<Listen, CompiledPolicy>();
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
    return () => {
      this.#listeners.delete(fn);
      this.#behind.delete(fn);
    };
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

  /** Between two batches: whoever asked before goes on with the one that it got. @returns as catchUp */
  async swap(policy: CompiledPolicy, origin: PolicyOrigin): Promise<boolean> {
    const before = this.#policy;
    this.#policy = policy;
    this.#origin = origin;
    this.#refused = undefined;
    if (policy.digest !== before.digest)
      for (const listen of this.#listeners) this.#behind.set(listen, this.#behind.get(listen) ?? before);
    return this.catchUp();
  }

  /** Tells those who could not follow yet. @returns whether all have followed */
  async catchUp(): Promise<boolean> {
    for (const [listen, before] of this.#behind) {
      try {
        await listen(this.#policy, before);
        this.#behind.delete(listen);
      } catch (error) {
        this.onProblem(error);
      }
    }
    return this.#behind.size === 0;
  }
}
