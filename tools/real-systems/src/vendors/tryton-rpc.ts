/** Just enough of Tryton's JSON-RPC, written apart from Tieout's connector: what checks must not share the errors of what it checks. */
export const dec = (value: string): unknown => ({ __class__: 'Decimal', decimal: value });
export const date = (value: string): unknown => {
  const [year, month, day] = value.split('-').map(Number);
  return { __class__: 'date', year, month, day };
};

export class TrytonRpc {
  #authorization: string | undefined;
  #context: Record<string, unknown> = {};

  constructor(
    private readonly url: string,
    private readonly database: string,
  ) {}

  async login(user: string, password: string): Promise<void> {
    const [uid, session] = (await this.#send('common.db.login', [user, { password }])) as [number, string];
    this.#authorization = `Session ${Buffer.from(`${user}:${uid}:${session}`).toString('base64')}`;
    await this.refreshContext();
  }

  /** The company of the user is part of it: to be called again after that has been set. */
  async refreshContext(): Promise<void> {
    this.#context = { ...((await this.#send('model.res.user.get_preferences', [true, {}])) as object), language: 'en' };
  }

  call<T = unknown>(method: string, ...params: unknown[]): Promise<T> {
    return this.#send(method, [...params, this.#context]) as Promise<T>;
  }

  async #send(method: string, params: unknown[]): Promise<unknown> {
    const response = await fetch(`${this.url}/${this.database}/`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(this.#authorization !== undefined && { authorization: this.#authorization }),
      },
      body: JSON.stringify({ id: 1, method, params }),
    });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`Tryton ${method}: HTTP ${response.status}`);
    const { result, error } = JSON.parse(text) as { result?: unknown; error?: unknown };
    if (error) throw new Error(`Tryton ${method}: ${JSON.stringify(error).slice(0, 1000)}`);
    return result;
  }
}
