import type { Command } from 'commander';
import type { Answer } from './answer.js';
import type { Api } from './api.js';
import type { World } from './world.js';

/** One use of a command. */
export interface Call {
  readonly api: Api;
  readonly world: World;
  /** As declared: required ones are there. */
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
}

export type Handler = (call: Call) => Promise<Answer> | Answer;

/** Gives a command what it does. */
export type Wire = (command: Command, handler: Handler) => void;

/** Adds a group of commands below `tieout`. */
export type Group = (program: Command, wire: Wire) => void;

export const text = ({ options }: Call, name: string): string | undefined => {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
};
export const flag = ({ options }: Call, name: string): boolean => options[name] === true;
export const list = ({ options }: Call, name: string): readonly string[] | undefined => {
  const value = options[name];
  return Array.isArray(value) && value.length > 0 ? (value as string[]) : undefined;
};
export const number = ({ options }: Call, name: string): number | undefined => {
  const value = options[name];
  return typeof value === 'number' ? value : undefined;
};
