import type { DeployEnvironment } from './environment.ts'
import { holeText, type RoleText } from './role-text.ts'
import type { Template } from './template.ts'

/** A template and what its names mean in this deploy. A nested stack has a scope of its own. */
export type IntrinsicsScope = {
  /** Unique in one deploy. */
  readonly id: string
  readonly template: Template
  readonly environment: DeployEnvironment
  /** Values given for parameters; without one, the default counts. */
  readonly given: ReadonlyMap<string, readonly RoleText[]>
  /** Outputs that other templates of the same deploy export, by export name. */
  readonly exported: (name: string) => readonly RoleText[] | null
  /** The scopes of nested stacks that could be read, by logical id. */
  readonly nested: ReadonlyMap<string, IntrinsicsScope>
  /** The template may be a part of what is deployed: a name that it lacks is unknown rather than a fault. */
  readonly isPart: boolean
  readonly work: ReadingProgress
}

/** What is worked out already, and how much work it was. */
export type ReadingProgress = {
  readonly conditions: Map<string, boolean | null | 'in-progress'>
  /** Names and paths of resources, by logical id and property. */
  readonly names: Map<string, readonly RoleText[]>
  calls: number
  /** Something was not worked out, because it would be too much. */
  isCut: boolean
}

export const newWork = (): ReadingProgress => ({ conditions: new Map(), names: new Map(), calls: 0, isCut: false })

/**
 * A template of a repository, as far as every stack of it is equal: a default is only one of the values that a parameter may have, and
 * what the template lacks may be elsewhere.
 */
export function openScope(template: Template, environment: Omit<DeployEnvironment, 'region'>): IntrinsicsScope {
  const given = new Map([...template.parameters.keys()].map(name => [name, [holeText(name, 'parameter')]]))
  const around = { environment: { ...environment, region: null }, exported: () => null, nested: new Map() }
  return { ...around, id: template.file, template, given, isPart: true, work: newWork() }
}
