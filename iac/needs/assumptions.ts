/** Who has to be able to assume a passed role, for one resource of a deploy. */
import { assumeRole, tagSession } from '../../core/actions/index.ts'
import type { Unknown } from '../../core/base/index.ts'
import type { RoleAssumers, ServiceAssumer } from '../../core/denial/index.ts'
import type { RoleText } from '../source/index.ts'

export type Assumption =
  | {
      readonly kind: 'service'
      /** Its service principal; any one of several is enough. `{region}` is left where the Region is not known. */
      readonly names: readonly string[]
      readonly actions: ServiceAssumer['actions']
      /** An action that it needs too if the deploy makes the resource so, which only the deploy knows. */
      readonly perhaps?: { readonly action: typeof tagSession.name; readonly unknown: Unknown }
      /** The condition keys that it sends, with the value: `*` is any text, `{account}` and `{partition}` are those of the deploy. */
      readonly sends: readonly { readonly key: string; readonly value: string }[]
    }
  /** Another role of the deploy; null: it is not set. */
  | { readonly kind: 'role'; readonly role: RoleText | null }

/** What the resource says: the Region that it is deployed to, and its properties. */
export type AssumingResource = {
  readonly region: string | null
  /** The one known text of a property, by its path in CloudFormation. */
  readonly textOf: (property: string) => string | null
  readonly roleOf: (property: string) => RoleText | null
  /** Whether it is the role of an EKS cluster in Auto Mode. */
  readonly isAutoMode?: 'yes' | 'no' | 'unknown'
  /** True for the role of a function that CloudFront runs. */
  readonly isAtEdge?: boolean
}

/** Null: AWS publishes nothing about who assumes it. Empty: no service does. */
export function assumptionsOf(assumers: RoleAssumers | null, resource: AssumingResource): readonly Assumption[] | null {
  switch (assumers?.kind) {
    case undefined:
      return null
    case 'no-service':
      return []
    case 'role':
      return [{ kind: 'role', role: resource.roleOf(assumers.property) }]
    case 'services': {
      const services = assumers.services.map(service => assumption(service, resource))
      return resource.isAtEdge === true ? [...services, EDGE] : services
    }
  }
}

function assumption({ names, actions, sends }: ServiceAssumer, resource: AssumingResource): Assumption {
  const { region } = resource
  const inRegion = (text: string) => (region === null ? text : text.replaceAll('{region}', region))
  return {
    kind: 'service',
    names: names.map(inRegion),
    // https://docs.aws.amazon.com/eks/latest/userguide/auto-cluster-iam-role.html
    actions: resource.isAutoMode === 'yes' ? [...new Set([...actions, tagSession.name])] : actions,
    ...(resource.isAutoMode === 'unknown' ? { perhaps: IN_AUTO_MODE } : {}),
    sends: sends.flatMap(({ key, form }) => {
      const value = filled(inRegion(form), resource)
      // The whole value is a property that is not known to be set, so it is not known to be sent.
      return value === '*' ? [] : [{ key, value }]
    }),
  }
}

const IN_AUTO_MODE = {
  action: tagSession.name,
  unknown: { fact: 'EKS Auto Mode', why: 'only the deploy will know whether the cluster is in Auto Mode' },
} as const

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-edge-permissions.html */
const EDGE: Assumption = {
  kind: 'service',
  names: ['edgelambda.amazonaws.com'],
  actions: [assumeRole.name],
  sends: [],
}

const OF_THE_DEPLOY = new Set(['account', 'partition'])

function filled(form: string, { textOf }: AssumingResource): string {
  return form.replaceAll(/\{([A-Za-z.]+)\}/g, (whole, name: string) =>
    OF_THE_DEPLOY.has(name) ? whole : name === 'region' ? '*' : (textOf(name) ?? '*'),
  )
}
