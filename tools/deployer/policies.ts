/** The policies of who deploys, from the types of resources in the templates. */
import { DEPLOY_PATHS, NEEDED_CALLS, type NeededCalls } from './actions.ts'

export type TypedTemplate = { readonly Resources: { readonly [id: string]: { readonly Type: string } } }
type Statement = { readonly Effect: 'Allow'; readonly Action: readonly string[]; readonly Resource: readonly string[] }
export type DeployerPolicy = { readonly Version: '2012-10-17'; readonly Statement: readonly Statement[] }

/** By the name of the file. Throws for a type whose needs are not known. */
export function deployerPolicies(templates: readonly TypedTemplate[]): ReadonlyMap<string, DeployerPolicy> {
  const types = [...new Set(templates.flatMap(({ Resources }) => Object.values(Resources).map(({ Type }) => Type)))]
  const needs = types.toSorted().flatMap(type => {
    const own = NEEDED_CALLS[type]
    if (own === undefined) throw new Error(`tools/deployer/actions.ts does not know what ${type} needs`)
    return own
  })
  return new Map([
    ['deployer-resources', policyOf(needs)],
    ...Object.entries(DEPLOY_PATHS).map(([path, own]) => [`deployer-${path}`, policyOf(own)] as const),
  ])
}

function policyOf(needs: readonly NeededCalls[]): DeployerPolicy {
  const byResource = Map.groupBy(needs, ({ on }) => on.join())
  return {
    Version: '2012-10-17',
    Statement: [...byResource.values()].map(group => ({
      Effect: 'Allow',
      Action: [...new Set(group.flatMap(({ actions }) => named(actions)))].toSorted(),
      Resource: [...(group[0]?.on ?? [])],
    })),
  }
}

/** `sqs:CreateQueue DeleteQueue`: a service holds until the next one. */
function named(actions: string): readonly string[] {
  let service = ''
  return actions.split(' ').map(word => {
    const [prefix = '', name] = word.split(':')
    if (name === undefined) return `${service}:${prefix}`
    service = prefix
    return word
  })
}
