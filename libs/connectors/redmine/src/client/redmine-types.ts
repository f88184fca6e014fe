/** Redmine 5 as its REST API says it. Only the parts that are read here. */
export interface RedmineReference {
  readonly id: number;
  readonly name?: string;
}

export interface RedmineCustomField {
  readonly id: number;
  readonly name: string;
  /** A list where the field takes several values. */
  readonly value?: string | readonly string[] | null;
}

export interface RedmineTimeEntry {
  readonly id: number;
  readonly project: RedmineReference;
  readonly issue?: RedmineReference;
  readonly user: RedmineReference;
  readonly activity?: RedmineReference;
  readonly hours: number;
  readonly comments?: string | null;
  readonly spent_on: string;
  readonly created_on: string;
  readonly updated_on: string;
  readonly custom_fields?: readonly RedmineCustomField[];
}

export interface RedmineUser {
  readonly id: number;
  readonly custom_fields?: readonly RedmineCustomField[];
}

export interface RedmineProject {
  readonly id: number;
  readonly identifier: string;
  readonly name: string;
  /** 1 open, 5 closed, 9 archived. */
  readonly status: number;
  readonly custom_fields?: readonly RedmineCustomField[];
}

/** One page; `total` counts the whole list. Elements are unknown until looked at: one bad one must not cost the page. */
export interface RedminePage {
  readonly items: readonly unknown[];
  readonly total: number;
}
