// Which competences and levels a framework has, and their order: the packing order of credentials. Compiled from
// schemas/frameworks when this was built. Left to others: what they mean to people.

import { unsupported } from "./errors.ts";
import { FRAMEWORKS } from "./generated/vocabulary.ts";

export interface Framework {
  readonly competences: readonly string[];
  readonly levels: readonly number[];
}

/** Return a framework by its id; throw `unknown_framework`. */
export function frameworkOf(id: string): Framework {
  const framework = FRAMEWORKS.get(id);
  if (!framework) throw unsupported("unknown_framework");
  return framework;
}
