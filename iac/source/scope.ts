import type { DeployEnvironment } from './environment.ts'
import { holeText, type RoleText } from './role-text.ts'
import type { Entry } from './source-node.ts'
import type { Template } from './template.ts'

/** A template with the meaning of its names in one deploy. Each nested stack has a scope of its own. */
export type IntrinsicsScope = {
  /** Unique within one deploy. */
  readonly id: string
  readonly template: Template
  readonly environment: DeployEnvironment
  /** Values of parameters. A parameter without an entry has its default. */
  readonly given: ReadonlyMap<string, readonly RoleText[]>
  /** The outputs that other templates of the same deploy export, by export name. */
  readonly exported: (name: string) => readonly RoleText[] | null
  /** The scopes of readable nested stacks, by logical id. */
  readonly nested: ReadonlyMap<string, IntrinsicsScope>
  /** True when the template may be incomplete: a missing name is then unknown instead of an error. */
  readonly isPart: boolean
  readonly work: ReadingProgress
  readonly depth: ReadingDepth
}

/** The current depth of the synchronous recursion. All templates of one deploy share it, because they refer to each other. */
export type ReadingDepth = { now: number }

export const newDepth = (): ReadingDepth => ({ now: 0 })

/** Results so far, and how much work they took. */
export type ReadingProgress = {
  readonly conditions: Map<string, boolean | null | 'in-progress'>
  /** Names and paths of resources, by logical id and property. */
  readonly names: Map<string, readonly RoleText[]>
  /** Parts on the way to a value that a macro writes during the deploy, by offset. */
  readonly macros: Map<number, Entry>
  calls: number
  /** True when something was not resolved because it exceeds a limit. */
  isCut: boolean
}

export const newWork = (): ReadingProgress => ({
  conditions: new Map(),
  names: new Map(),
  macros: new Map(),
  calls: 0,
  isCut: false,
})

/**
 * The scope of a template of a repository, for statements that hold in all its stacks: a default is only one possible value of
 * a parameter, and missing names may be in other templates.
 */
export function openScope(template: Template, environment: Omit<DeployEnvironment, 'region'>): IntrinsicsScope {
  const given = new Map([...template.parameters.keys()].map(name => [name, [holeText(name, 'parameter')]]))
  const around = { environment: { ...environment, region: null }, exported: () => null, nested: new Map() }
  return { ...around, id: template.file, template, given, isPart: true, work: newWork(), depth: newDepth() }
}
