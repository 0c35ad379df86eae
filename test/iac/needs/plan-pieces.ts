import type { PlanPiece } from '../../../iac/needs/terraform/terraform-plan.ts'

export type Change = {
  readonly actions?: readonly string[]
  readonly unknown?: object
  readonly module?: string
  readonly index?: string | number
  readonly mode?: string
}

export function change(
  type: string,
  name: string,
  after: object,
  { actions = ['create'], unknown = {}, module, index, mode = 'managed' }: Change = {},
): PlanPiece {
  const own = `${type}.${name}${index === undefined ? '' : `[${JSON.stringify(index)}]`}`
  return {
    kind: 'resource-change',
    value: {
      address: module === undefined ? own : `${module}.${own}`,
      ...(module === undefined ? {} : { module_address: module }),
      mode,
      type,
      name,
      ...(index === undefined ? {} : { index }),
      change: { actions, after, after_unknown: unknown },
    },
  }
}

export const code = (
  type: string,
  name: string,
  expressions: object,
  modules: readonly string[] = [],
  provider = 'aws',
): PlanPiece => ({
  kind: 'configuration',
  modules,
  part: 'resources',
  value: { address: `${type}.${name}`, expressions, provider_config_key: provider },
})

export const references = (...names: readonly string[]) => ({ references: names })

/** What the code of a module returns, or is handed: `part` is `outputs` or `expressions`. */
export const moduleCode = (modules: readonly string[], part: 'outputs' | 'expressions', value: object): PlanPiece => ({
  kind: 'configuration',
  modules,
  part,
  value,
})

export const providers = (value: object): PlanPiece => ({
  kind: 'configuration',
  modules: [],
  part: 'provider_config',
  value,
})
