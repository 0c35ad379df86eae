/** Each use of a module. A module that is called twice has two instances; a root module has one. */
import { type Block, type Configuration, callsIn, folderCalled, type Module, moduleCalled } from './configuration.ts'
import { type Account, elementsOf, type Repetition, scopeOfCall, type TerraformScope } from './evaluate.ts'

export type Instance = {
  readonly module: Module
  /** `module.orders` or `module.orders["a"]`. Empty: a root module. */
  readonly address: string
  readonly scope: TerraformScope
  readonly caller: { readonly instance: Instance; readonly call: Block; readonly repetition: Repetition | null } | null
}

/** Of one root module, and of all together. A root module is no call. */
const MAX_CALLED = 2_000
const MAX_CALLED_IN_ALL = 50_000
const MAX_CALLS = 12

/** Null: there are more than the limit, so nothing is certain. */
export function instancesOf(configuration: Configuration, account: Account): readonly Instance[] | null {
  const called = new Set<string>()
  for (const module of configuration.modules.values())
    for (const call of callsIn(module)) {
      const folder = folderCalled(configuration, module, call)
      if (folder !== null && folder !== module.folder) called.add(folder)
    }
  const found: Instance[] = []
  let isWhole = true
  let calledInAll = 0
  let calledByRoot = 0
  const add = (instance: Instance, above: readonly string[]): void => {
    if (calledByRoot >= MAX_CALLED || calledInAll >= MAX_CALLED_IN_ALL || above.length > MAX_CALLS) {
      isWhole = false
      return
    }
    found.push(instance)
    for (const call of callsIn(instance.module)) {
      const module = moduleCalled(configuration, instance.module, call)
      if (module === null || above.includes(module.folder)) continue
      for (const repetition of elementsOf(call, instance.scope) ?? [{ index: '[?]', each: null, count: null }]) {
        const scope = scopeOfCall(instance.scope, module, call, repetition)
        const address = `${instance.address === '' ? '' : `${instance.address}.`}module.${call.labels[0] ?? ''}${repetition.index}`
        calledByRoot += 1
        calledInAll += 1
        add({ module, address, scope, caller: { instance, call, repetition } }, [...above, module.folder])
      }
    }
  }
  for (const module of configuration.modules.values()) {
    if (called.has(module.folder)) continue
    const scope: TerraformScope = {
      configuration,
      account,
      module,
      each: null,
      count: null,
      given: null,
      known: new Map(),
    }
    calledByRoot = 0
    add({ module, address: '', scope, caller: null }, [module.folder])
  }
  return isWhole ? found : null
}

export const withRepetition = (scope: TerraformScope, { each, count }: Repetition): TerraformScope => ({
  ...scope,
  each,
  count,
})

/** The root module, in whose folder Terraform runs. Another folder may belong to another account. */
export function rootOf(instance: Instance): Instance {
  let root = instance
  while (root.caller !== null) root = root.caller.instance
  return root
}
