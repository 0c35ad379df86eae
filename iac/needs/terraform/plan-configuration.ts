import { isRecord } from './plan-values.ts'

/** The code behind a plan, to see where a value comes from. */
export type PlanConfiguration = {
  /** Keyed by module path without indexes (`module.a.module.b`, empty for the root), then by address in the module (`aws_iam_role.x`). */
  readonly resources: Map<string, Map<string, ConfiguredResource>>
  /** The arguments of a module call, by the path of the called module. */
  readonly arguments: Map<string, Record<string, unknown>>
  readonly outputs: Map<string, Record<string, unknown>>
  readonly providers: Map<string, Record<string, unknown>>
}

export type ConfiguredResource = { readonly expressions: unknown; readonly providerKey: string }

export const emptyConfiguration = (): PlanConfiguration => ({
  resources: new Map(),
  arguments: new Map(),
  outputs: new Map(),
  providers: new Map(),
})

/** Adds one piece of `configuration`. `modules`: the names of the modules that contain it. */
export function addConfigured(into: PlanConfiguration, modules: readonly string[], kind: string, value: unknown): void {
  const path = modules.map(name => `module.${name}`).join('.')
  if (!isRecord(value)) return
  switch (kind) {
    case 'resources': {
      const address = String(value['address'] ?? '')
      const own = into.resources.get(path) ?? new Map()
      own.set(address, { expressions: value['expressions'], providerKey: String(value['provider_config_key'] ?? '') })
      into.resources.set(path, own)
      return
    }
    case 'outputs':
      into.outputs.set(path, value)
      return
    case 'expressions':
      into.arguments.set(path, value)
      return
    case 'provider_config':
      for (const [key, provider] of Object.entries(value)) if (isRecord(provider)) into.providers.set(key, provider)
      return
    default:
      return
  }
}

/** The expression of a property: `{ constant_value }` or `{ references }`. */
export function expressionAt(expressions: unknown, keys: readonly string[]): unknown {
  let at = expressions
  for (const key of keys) {
    const inner: unknown = Array.isArray(at) ? at[0] : at
    if (isRecord(inner) && Array.isArray(inner['references'])) return inner
    at = isRecord(inner) ? inner[key] : undefined
  }
  return Array.isArray(at) ? at[0] : at
}

export function referencesOf(expression: unknown): readonly string[] {
  const references = isRecord(expression) ? expression['references'] : undefined
  return Array.isArray(references) ? references.filter(reference => typeof reference === 'string') : []
}
