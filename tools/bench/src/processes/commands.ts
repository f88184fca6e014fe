interface Call {
  readonly id: number;
  readonly name: string;
  readonly argument: number;
}

export interface Reply {
  readonly id: number;
  readonly failure?: string;
}

/** Answers the bench's calls until it disconnects. */
export const answerCalls = (commands: Readonly<Record<string, (argument: number) => Promise<void>>>): void => {
  const reply = (message: Reply): void => void process.send?.(message);
  process.on('message', ({ id, name, argument }: Call) => {
    const command = commands[name];
    const work = command ? command(argument) : Promise.reject(new Error(`no command ${name}`));
    work.then(
      () => reply({ id }),
      (error: unknown) => reply({ id, failure: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
  });
  process.once('disconnect', () => process.exit(0));
  reply({ id: 0 });
};
