/** One call that passes roles: where they stand in `requestParameters` and which services receive them. */
export type CallRow = {
  /** The event source without `.amazonaws.com`. */
  readonly source: string
  readonly name: string
  readonly roles: readonly RoleParameter[]
  readonly keySent: 'proven' | 'unproven' | 'never'
}

export type RoleParameter = {
  /** A path as `valuesAt` reads it; empty where the event does not show the role. */
  readonly at: string
  readonly services: readonly string[]
  /** False where this service's receiving of `iam:PassedToService` is less sure than the call's. */
  readonly sure: boolean
}

/**
 * How the service principal is known: `policies`, a managed policy of AWS has it in a condition on `iam:PassedToService`,
 * which proves that the key is sent; `trust`, it is whom the service's documentation has the role trust; `never`, people who
 * tried every value report that the key is not sent; `none`, it is not known.
 */
type ServiceSource = 'policies' | 'trust' | 'never' | 'none'

/**
 * How it is known that this call passes a role in this parameter: `map`, the open map of API calls to IAM actions lists it;
 * `seen`, an event shows it; `known`, AWS's guide for the call says so; `model`, the call's API model has the parameter; `never`, as
 * above, for one call of a service that otherwise sends the key.
 */
type CallSource = 'map' | 'seen' | 'known' | 'model' | 'never'

/**
 * `to` lists the service principals without `.amazonaws.com`. A parameter may name others: `path=ecs-tasks`, or `path=x?` where
 * it is not sure that the key is sent to it.
 */
export function group(
  source: string,
  to: string,
  serviceSource: ServiceSource,
  calls: readonly (readonly [name: string, parameters: string, callSource: CallSource])[],
): readonly CallRow[] {
  return calls.map(([name, parameters, callSource]) => ({
    source,
    name,
    // Worked out when it is asked for: a process looks at few rows, and none should wait for all of them.
    get roles() {
      return parameters.split(' ').map(parameter => roleParameter(parameter, to))
    },
    keySent:
      callSource === 'never' || serviceSource === 'never'
        ? 'never'
        : serviceSource === 'policies'
          ? 'proven'
          : 'unproven',
  }))
}

function roleParameter(text: string, to: string): RoleParameter {
  const [at = '', own] = text.split('=')
  const names = (own ?? to)
    .replace(/\?$/, '')
    .split(/[ ,]/)
    .filter(name => name !== '')
  return { at, services: names.map(name => `${name}.amazonaws.com`), sure: own?.endsWith('?') !== true }
}
