/** What a planned resource says about who assumes its roles. */
import { typeOfCloudControl } from '../../../core/denial/index.ts'
import { knownText, literalText } from '../../source/index.ts'
import { type AssumingResource, assumptionsOf } from '../assumptions.ts'
import type { Need } from '../need.ts'
import { inSnakeCase } from '../property-path.ts'
import type { RoleProperty } from '../role-tables.ts'
import { expressionAt, referencesOf } from './plan-configuration.ts'
import { configured, knownRole, type Plan, providerKey, resolve, withoutIndexes } from './plan-references.ts'
import { isRecord, type PlannedValue, plannedValues } from './plan-values.ts'
import { type Planned, propertyPathSteps } from './planned-changes.ts'

export function assumptionsIn(state: Plan, resource: Planned, property: RoleProperty): Need['assumptions'] {
  return assumptionsOf(property.assumers, assumingPlanned(state, resource))
}

function assumingPlanned(state: Plan, resource: Planned): AssumingResource {
  const valuesAt = (property: string) => [
    ...plannedValues(resource.after, resource.unknown, propertyPathSteps(attributePath(resource.type, property))),
  ]
  return {
    region: regionOf(state, resource),
    textOf: property => {
      const [found, ...others] = valuesAt(property)
      return others.length === 0 && typeof found?.value === 'string' && !found.isUnknown ? found.value : null
    },
    roleOf: property => {
      const [found] = valuesAt(property)
      if (found === undefined) return null
      if (typeof found.value === 'string' && !found.isUnknown)
        return knownRole(state, resource, found.value, found.keys, 'role')
      const references = referencesOf(expressionAt(configured(state, resource)?.expressions, found.keys))
      return resolve(state, resource.module, references, resource.index, 0)[0] ?? null
    },
    isAutoMode: resource.type === 'aws_eks_cluster' ? isEnabled(valuesAt('ComputeConfig.Enabled')) : 'no',
    isAtEdge: resource.type === 'aws_lambda_function' && isAtEdge(state, resource),
  }
}

/** A block that the provider may fill in is one that the plan does not set. */
function isEnabled(values: readonly PlannedValue[]): 'yes' | 'no' | 'unknown' {
  if (values.some(({ value }) => value === true)) return 'yes'
  return values.some(({ isUnknown, isBlock }) => isUnknown && !isBlock) ? 'unknown' : 'no'
}

/** `SmsConfiguration.ExternalId` is `sms_configuration[].external_id`: blocks are lists. */
const attributePath = (type: string, property: string): string =>
  inSnakeCase(property).replaceAll('.', typeOfCloudControl(type) === null ? '[].' : '.')

/** The Region of the resource's own provider, else the one that the question names. */
function regionOf(state: Plan, resource: Planned): string | null {
  const provider = state.configuration.providers.get(providerKey(state, resource))
  const region = expressionAt(isRecord(provider) ? provider['expressions'] : undefined, ['region'])
  const constant = isRecord(region) ? region['constant_value'] : undefined
  if (typeof constant === 'string') return constant
  const [text = literalText('')] = resolve(state, '', referencesOf(region), null, 0)
  const known = knownText(text)
  return known !== null && known !== '' ? known : state.environment.region
}

/** Whether a distribution of the same module runs this function. */
function isAtEdge(state: Plan, { module, type, name }: Planned): boolean {
  const own = state.configuration.resources.get(withoutIndexes(module)) ?? new Map()
  return [...own].some(
    ([address, { expressions }]) =>
      address.startsWith('aws_cloudfront_distribution.') &&
      referencesAt(expressions, 'lambda_arn').some(reference => reference.startsWith(`${type}.${name}.`)),
  )
}

function referencesAt(value: unknown, wanted: string): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(one => referencesAt(one, wanted))
  if (!isRecord(value)) return []
  return Object.entries(value).flatMap(([key, one]) => (key === wanted ? referencesOf(one) : referencesAt(one, wanted)))
}
