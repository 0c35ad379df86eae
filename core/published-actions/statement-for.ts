/** The statement that a denied action of another kind lacks: one action on one resource, valid by what AWS publishes, or none. */
import { actionNamed } from '../actions/index.ts'
import { type Brand, neutralText, shortened } from '../base/index.ts'
import type { DenyingLayer, OtherDenial } from '../denial/index.ts'
import { accountIdIn, parseArn, parseEntityArn, partitionOfRegion, serviceOfLinkedRole } from '../iam/index.ts'
import { type PublishedAction, type PublishedActions, publishedActions } from '../service-actions/index.ts'
import { risksOfAction } from './action-risk.ts'
import { arnOfName, formsOfArn, shownForm, whyNoExactArn } from './resource-form.ts'

/** A denial as a text or a record names it. Every text is hostile. */
export type NamedDenial = Pick<OtherDenial, 'action' | 'principal' | 'resource' | 'layer' | 'isExplicit' | 'policyArn'>

/** Where the call was made, as far as the deploy says. */
export type CallPlace = { readonly region: string | null; readonly accountId: string | null }

/**
 * A statement for people to read and to copy. It is no `Statement`, so that no draft, patch or proof takes it: rolemedic writes
 * permissions of its own actions only.
 */
export type SuggestedStatement = Brand<
  { readonly suggestedAction: string; readonly suggestedResource: string },
  'SuggestedStatement'
>

export type StatementAnswer =
  | {
      readonly kind: 'suggested'
      readonly statement: SuggestedStatement
      readonly why: string
      /** What the permission is known to lead to, one sentence each. */
      readonly risks: readonly string[]
    }
  /** `owner`: who can lift the denial. Null: nobody in particular. */
  | { readonly kind: 'none'; readonly why: string; readonly owner: string | null }

const none = (why: string, owner: string | null = null): StatementAnswer => ({
  ...{ kind: 'none', why: sentences([why]), owner },
})
const shown = (text: string): string => shortened(neutralText(text, 2_048), 200)
const sentences = (all: readonly string[]): string =>
  all.map(one => `${one.charAt(0).toUpperCase()}${one.slice(1)}.`).join(' ')

/** By what AWS publishes of the services that are packed. */
export const suggestStatement = (denial: NamedDenial, place: CallPlace): StatementAnswer =>
  statementFor(denial, place, publishedActions())

/** Pure; the texts of the denial reach an element of the statement only as an exact ARN of a type that the action takes. */
export function statementFor(denial: NamedDenial, place: CallPlace, published: PublishedActions): StatementAnswer {
  const { action: text, principal } = denial
  if (text === null) return none('the denial names no action')
  if (actionNamed(text) !== null) return none('this action has a diagnosis of its own')
  const guarded = guardedBy(denial)
  if (guarded !== null) return guarded
  if (principal !== null && isRoot(principal)) return none('policies of an account do not limit its root user')
  if (serviceOfLinkedRole(principal) !== null)
    return none('AWS alone writes the policies of a service-linked role', 'AWS')
  const [, prefix = '', name = ''] = /^([A-Za-z0-9-]{1,64}):([A-Za-z0-9]{1,128})$/.exec(text) ?? []
  if (name === '') return none(`no action is called ${shown(text)}`)
  const service = published.service(prefix.toLowerCase())
  if (service === null) return none(`what AWS publishes about actions of ${prefix.toLowerCase()} is not packed`)
  const action = service.actions.get(name.toLowerCase())
  if (action === undefined) return none(`AWS publishes no action ${prefix.toLowerCase()}:${name}`)
  if (action.types.length === 0) {
    const why = `for ${action.name} only the resource "*" is valid, as it takes none`
    return suggested(action, '*', [why, ...notes(denial, place, null)])
  }
  const resource = resourceOf(denial, place, action)
  if (resource.arn === null) return none(resource.why)
  const forms = formsOfArn(resource.arn, service.types)
  if (!action.types.some(type => type.some(form => forms.includes(form))))
    return none(`for ${action.name} ${shown(resource.arn)} is no valid resource: ${takes(action)}`)
  const more = action.types.length > 1 ? ['AWS may check other resources of the call too, and names one at a time'] : []
  return suggested(action, resource.arn, [resource.why, ...more, ...notes(denial, place, resource.arn)])
}

const suggested = ({ name }: PublishedAction, resource: string, why: readonly string[]): StatementAnswer => ({
  kind: 'suggested',
  statement: { suggestedAction: name, suggestedResource: resource } as SuggestedStatement,
  why: sentences(why),
  risks: risksOfAction(name),
})

const OWNERS: { readonly [layer in DenyingLayer]: { readonly what: string; readonly owner: string } | null } = {
  identity: null,
  unknown: null,
  boundary: { what: 'the permissions boundary', owner: 'the owner of the permissions boundary' },
  session: { what: 'the session policy', owner: 'the owner of the session policy' },
  scp: { what: 'a service control policy', owner: 'the administrators of the organization' },
  rcp: { what: 'a resource control policy', owner: 'the administrators of the organization' },
  vpce: { what: 'the policy of a VPC endpoint', owner: 'the owner of the VPC endpoint' },
  resource: { what: 'the policy of the resource', owner: 'the owner of the resource' },
  'public-access': { what: 'S3 Block Public Access', owner: 'the owner of the S3 Block Public Access settings' },
  trust: { what: 'the trust policy of the role', owner: 'the owner of the role' },
}

/** No statement of the caller helps where another policy decided. */
function guardedBy({ layer, isExplicit, policyArn }: NamedDenial): StatementAnswer | null {
  const guard = OWNERS[layer]
  if (guard === null && !isExplicit) return null
  const named = policyArn === null || whyNoExactArn(policyArn) !== null ? '' : ` ${policyArn}`
  const what = guard?.what ?? 'a policy of the caller'
  const owner = guard?.owner ?? 'the owner of the policy'
  const why = isExplicit
    ? `${what}${named} denies it explicitly, and no allow helps`
    : `${what}${named} does not allow it`
  return none(why, named === '' ? owner : `${owner}${named}`)
}

type NamedResource = { readonly arn: string; readonly why: string } | { readonly arn: null; readonly why: string }

function resourceOf({ resource, principal }: NamedDenial, place: CallPlace, action: PublishedAction): NamedResource {
  const without = (why: string) => ({ arn: null, why })
  if (resource === null) return without(`the denial names no resource, and ${takes(action)}`)
  if (resource === '*') return without(`AWS names every resource, and ${takes(action)}`)
  if (resource.startsWith('arn:')) {
    const wrong = whyNoExactArn(resource)
    return wrong === null
      ? { arn: resource, why: 'the ARN is the one that AWS names' }
      : without(`${wrong} (${shown(resource)}); only exact ARNs are suggested. ${endNote(resource)}${takes(action)}`)
  }
  // IAM names "role deploy", and leaves out the path.
  if (action.name.split(':')[0] === 'iam')
    return without(`AWS names ${shown(resource)} without its path: ${takes(action)}`)
  if (!/^[A-Za-z0-9_.@+=-]{1,256}$/.test(resource)) return without(`the denial names no ARN: ${takes(action)}`)
  const [form, ...others] = action.types.flat()
  const partition = partitionOf(principal, place.region)
  const arn = form === undefined || others.length > 0 ? null : arnOfName(form, resource, { ...place, partition })
  return arn === null || whyNoExactArn(arn) !== null
    ? without(`the denial names ${resource}, from which no ARN follows: ${takes(action)}`)
    : { arn, why: `the denial names ${resource}, and the deploy its account and Region` }
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html */
const LOG_GROUP = /^(arn:[a-z-]+:logs:[a-z0-9-]+:\d{12}:log-group:[A-Za-z0-9_/.#-]{1,512}):log-stream:$/

/** What AWS checks where there is no exact ARN. */
function endNote(resource: string): string {
  const group = LOG_GROUP.exec(resource)?.[1]
  if (group !== undefined) return `Policies name this log group ${group}:*. `
  return resource.endsWith('*') ? 'AWS checks what does not exist yet under a wildcard. ' : ''
}

function partitionOf(principal: string | null, region: string | null): string | null {
  return parseArn(principal ?? '')?.partition ?? (region === null ? null : partitionOfRegion(region))
}

const MAX_FORMS = 3
function takes({ name, types }: PublishedAction): string {
  const forms = types.flat().map(shownForm)
  const more = forms.length > MAX_FORMS ? ` and ${forms.length - MAX_FORMS} more` : ''
  return `${name} takes ${forms.slice(0, MAX_FORMS).join(', ')}${more}`
}

function notes(denial: NamedDenial, place: CallPlace, resource: string | null): readonly string[] {
  const arn = parseArn(resource ?? '')
  const own = accountIdIn(parseArn(denial.principal ?? '')?.accountId ?? null) ?? accountIdIn(place.accountId)
  const owner = accountIdIn(arn?.accountId ?? null)
  return [
    ...(denial.layer === 'unknown' ? ['AWS does not say which policy lacks it'] : []),
    ...(arn?.service === 'kms' ? ['The key policy has to let policies of IAM decide'] : []),
    ...(own !== null && owner !== null && own !== owner
      ? [`The resource is in account ${owner}, where a policy of the resource has to allow it too`]
      : []),
  ]
}

const isRoot = (principal: string): boolean =>
  parseEntityArn(principal) === null && /^arn:[a-z-]+:iam::\d{12}:root$/.test(principal)
