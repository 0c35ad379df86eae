import type { DeployEnvironment } from './environment.ts'
import type { RoleText } from './role-text.ts'
import type { Template } from './template.ts'

/** A template and what its names mean in this deploy. A nested stack has a scope of its own. */
export type Scope = {
  /** Unique in one deploy. */
  readonly id: string
  readonly template: Template
  readonly environment: DeployEnvironment
  /** Values given for parameters; without one, the default counts. */
  readonly given: ReadonlyMap<string, readonly RoleText[]>
  /** Outputs that other templates of the same deploy export, by export name. */
  readonly exported: (name: string) => readonly RoleText[] | null
  /** The scopes of nested stacks that could be read, by logical id. */
  readonly nested: ReadonlyMap<string, Scope>
  readonly known: ConditionMemo
}

export type ConditionMemo = Map<string, boolean | null | 'in-progress'>
