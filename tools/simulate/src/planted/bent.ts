/** The same object with some of its methods replaced. */
export const bent = <T extends object>(straight: T, methods: Partial<T>): T =>
  new Proxy(straight, {
    get: (of, name) => {
      const replaced = methods[name as keyof T];
      if (replaced !== undefined) return replaced;
      const value = Reflect.get(of, name) as unknown;
      return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(of) : value;
    },
  });
