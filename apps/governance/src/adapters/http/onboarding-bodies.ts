import { ValidateBy } from 'class-validator';

const isConnection = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { system, roles, kinds = [], mappingLike = '' } = value as Record<string, unknown>;
  const texts = (list: unknown): boolean => Array.isArray(list) && list.every((one) => typeof one === 'string');
  return typeof system === 'string' && texts(roles) && texts(kinds) && typeof mappingLike === 'string';
};

/** Only as far as the draft reads them; whether they are right, the compiler of the bundle says with file and line. */
export const IsConnections = (): PropertyDecorator =>
  ValidateBy({
    name: 'isConnections',
    validator: {
      validate: (value) => typeof value === 'object' && value !== null && Object.values(value).every(isConnection),
      defaultMessage: () => '$property must hold connections by id, each with "system" and "roles" as in connections.yaml',
    },
  });
