/** A permission that broke a deploy and is none of ours: named with its next step, and never granted. */

import { actionNamed } from '../../../core/actions/index.ts'
import { neutralText } from '../../../core/base/index.ts'
import { type DenyingLayer, isNamed, type OtherDenial, otherDenialsIn, UNNAMED } from '../../../core/denial/index.ts'
import { entityName } from '../../../core/iam/index.ts'
import type { FaultStep } from './trust-fault.ts'

/** Plain data: stored with the deploy. Its words come from outside. */
export type MissingPermission = Omit<OtherDenial, 'text'> & {
  /** `probable`: the text says that a call was refused, and not which, or anybody can have written it. */
  readonly certainty: 'certain' | 'probable'
  /** The failed resource, as the tool names it. */
  readonly place: string | null
  readonly atMs: number
  /** It was denied while the failed deploy was rolled back. Absent: it is a cause. */
  readonly during?: 'rollback'
  /** `line` is one of a log. Absent: it is not. */
  readonly isLog?: true
  /** The statement that it lacks, or why none is suggested, as text. Absent: not asked. */
  readonly advice?: string
}

/** The most that are stored. An alert shows ten, and counts the others. */
export const MAX_PERMISSIONS = 50
const MAX_NAME_CHARS = 300
const MAX_RESOURCE_CHARS = 600

type Reported = Pick<MissingPermission, 'atMs' | 'during' | 'isLog'> & {
  readonly text: string
  readonly resource: string | null
}

/** Each once, in the order of the texts. One certain permission silences those that name nothing. */
export const missingPermissions = (reasons: readonly Reported[]): readonly MissingPermission[] =>
  distinctPermissions(namedPermissions(reasons).map(({ one }) => one))

/** As often as the texts name them. */
export const namedPermissions = <T extends Reported>(
  reasons: readonly T[],
): readonly { readonly one: MissingPermission; readonly reason: T }[] =>
  reasons.flatMap(reason =>
    otherDenialsIn(reason.text).map(denial => ({
      one: permissionOf(denial, { ...reason, place: reason.resource }),
      reason,
    })),
  )

export function distinctPermissions(named: readonly MissingPermission[]): readonly MissingPermission[] {
  const found = new Map<string, MissingPermission>()
  for (const one of named) {
    const key = JSON.stringify([one.action ?? one.call, one.principal, one.resource])
    const before = found.get(key)
    if (before === undefined || !isAsSure(before, one)) found.set(key, one)
  }
  const all = [...found.values()]
  return certainOnes(all.filter(one => !isRepeated(one, all)))
}

/** One certain cause silences every probable one. */
const certainOnes = <T extends { readonly certainty: 'certain' | 'probable' }>(all: readonly T[]): readonly T[] => {
  const certain = all.filter(one => one.certainty === 'certain')
  return certain.length > 0 ? certain : all
}

/** Of one attempt: each once. What a later event names completely replaces what an earlier one left open. */
export function joinedPermissions(
  earlier: readonly MissingPermission[],
  later: readonly MissingPermission[],
): readonly MissingPermission[] {
  const kept = earlier.filter(
    one => !later.some(other => (isSamePermission(one, other) && isAsSure(other, one)) || isCompletedBy(one, other)),
  )
  const all = [...kept, ...later.filter(one => !kept.some(other => isSamePermission(one, other)))]
  return all.filter(one => !isRepeated(one, all)).slice(0, MAX_PERMISSIONS)
}

const isSamePermission = (a: MissingPermission, b: MissingPermission): boolean =>
  a.action === b.action &&
  a.principal === b.principal &&
  a.resource === b.resource &&
  a.call?.operation === b.call?.operation

const isCompletedBy = (open: MissingPermission, { action, call, place }: MissingPermission): boolean =>
  open.action === null &&
  action !== null &&
  open.place === place &&
  (open.call === null || open.call.operation === call?.operation)

const isAsSure = (one: MissingPermission, other: MissingPermission): boolean =>
  one.certainty === 'certain' || other.certainty === 'probable'

/** The stack's own event names less of what the event of its resource names. */
const isRepeated = (one: MissingPermission, all: readonly MissingPermission[]): boolean =>
  one.action !== null &&
  one.principal === null &&
  one.resource === null &&
  all.some(
    other =>
      other !== one &&
      other.action === one.action &&
      (other.principal ?? other.resource) !== null &&
      isAsSure(other, one),
  )

export function permissionOf(
  { text: _, ...denial }: OtherDenial,
  { place, atMs, during, isLog }: Pick<MissingPermission, 'place' | 'atMs' | 'during' | 'isLog'>,
): MissingPermission {
  const { principal, resource, policyArn, call } = denial
  return {
    ...denial,
    call: call === null ? null : { service: call.service, operation: bounded(call.operation, MAX_NAME_CHARS) },
    principal: bounded(principal, MAX_NAME_CHARS),
    resource: bounded(resource, MAX_RESOURCE_CHARS),
    policyArn: bounded(policyArn, MAX_NAME_CHARS),
    certainty: isNamed(denial) ? 'certain' : 'probable',
    ...{ place: bounded(place, MAX_NAME_CHARS), atMs },
    ...(during === undefined ? {} : { during }),
    ...(isLog === undefined ? {} : { isLog }),
  }
}

/** A cut name would be another one. */
const bounded = (text: string | null, most: number): string | null =>
  text === null || text.length > most ? null : neutralText(text)

/** `s3:CreateBucket`, or the refused call where no text names its action. Contains outside text. */
function permissionName({ action, call }: Pick<MissingPermission, 'action' | 'call'>): string {
  if (action !== null) return action
  if (call === null) return 'a call that no text names'
  const service = call.service ?? 'AWS'
  return call.operation === null ? `a call of ${service}` : `the call ${call.operation} of ${service}`
}

/** One line: who was denied what, on what, and by which kind of policy. */
export const permissionTitle = (one: MissingPermission): string => `${deniedWords(one)}${layerNote(one)}`

/** "deployer was denied s3:CreateBucket on arn:aws:s3:::files". */
export function deniedWords({
  principal,
  resource,
  ...one
}: Pick<MissingPermission, 'action' | 'call' | 'principal' | 'resource'>): string {
  const who = principal === null ? 'who deploys' : principalName(principal)
  return `${who} was denied ${permissionName(one)}${resource === null || resource === '*' ? '' : ` on ${resource}`}`
}

const principalName = (principal: string): string =>
  /:assumed-role\/([^/]{1,64})\//.exec(principal)?.[1] ??
  (principal.startsWith('arn:') ? entityName(principal) : principal)

/** Which kind of policy decided, as AWS says it. */
export function decidedBy(one: MissingPermission): string {
  const { layer, isExplicit, policyArn } = one
  const policy = policyWords(one)
  if (layer === 'public-access') return `A ${policy} prevents it.`
  const which = policyArn === null ? '' : `: ${policyArn}`
  const article = layer === 'identity' ? 'an' : 'a'
  if (isExplicit) return `A statement of ${article} ${policy} denies it${which}.`
  return layer === 'unknown' ? 'The text does not say which policy decided.' : `No ${policy} allows it.`
}

function layerNote(one: MissingPermission): string {
  if (one.layer === 'unknown' && !one.isExplicit) return ''
  const words = decidedBy(one).slice(0, -1)
  return ` (${words.charAt(0).toLowerCase()}${words.slice(1)})`
}

const LAYER_WORDS: { readonly [layer in DenyingLayer]: string } = {
  identity: 'identity policy',
  boundary: 'permissions boundary',
  session: 'session policy',
  scp: 'service control policy',
  rcp: 'resource control policy',
  vpce: 'VPC endpoint policy',
  resource: 'policy of the resource',
  'public-access': 'setting of S3 Block Public Access',
  trust: 'trust policy',
  unknown: 'policy',
}

const isOfKey = ({ layer, action }: MissingPermission): boolean =>
  layer === 'resource' && action?.startsWith('kms:') === true

const policyWords = (one: MissingPermission): string => (isOfKey(one) ? 'key policy' : LAYER_WORDS[one.layer])

/** `owner`: a guardrail or a statement decided, and no grant helps. */
export const permissionAnswer = ({ layer, isExplicit, certainty }: MissingPermission): 'owner' | 'unknown' =>
  certainty === 'certain' && (isExplicit || ['boundary', 'scp', 'rcp', 'vpce'].includes(layer)) ? 'owner' : 'unknown'

/** True where a statement may be suggested: a guardrail has an owner, and what is not certain or has no name needs its record first. */
export const mayHaveAdvice = (one: MissingPermission): boolean =>
  one.action !== null && one.certainty === 'certain' && permissionAnswer(one) !== 'owner'

const OWNERS: { readonly [layer in DenyingLayer]: string } = {
  identity: 'the owner of its policies',
  boundary: 'the owner of the permissions boundary',
  session: 'who starts the session',
  scp: 'the owner of the service control policies of the organization',
  rcp: 'the owner of the resource control policies of the organization',
  vpce: 'the owner of the VPC endpoint',
  resource: 'the owner of the resource',
  'public-access': 'the owner of the S3 Block Public Access settings of the bucket and the account',
  trust: 'the owner of the role',
  unknown: 'the owner of its policies',
}

/** https://docs.aws.amazon.com/step-functions/latest/dg/bp-cwl.html */
const SIZE_OF_LOGS_POLICY: FaultStep = {
  do: 'See whether the resource policy of CloudWatch Logs is near its 5,120 characters, which Step Functions reports in the same words; log groups under /aws/vendedlogs/ avoid it.',
  command: 'aws logs describe-resource-policies',
  who: null,
}

/** What to do. rolemedic grants only roles that are passed or assumed. */
export function permissionSteps(one: MissingPermission): readonly FaultStep[] {
  const what = permissionName(one)
  const who = isOfKey(one) ? 'the owner of the key' : OWNERS[one.layer]
  // A policy of the caller alone would not help, or its owner is somebody else.
  const isOthers = ['session', 'resource', 'trust'].includes(one.layer)
  const isKnown = one.action !== null && one.certainty === 'certain'
  // Of a bucket for logs, whose policy is all there is to change.
  const isOfResource = one.layer === 'resource' && one.action === null && one.resource !== null
  if (permissionAnswer(one) === 'owner' || (isOthers && isKnown) || isOfResource) {
    const which = one.policyArn ?? `the ${policyWords(one)}`
    const why = one.isExplicit ? `${which} denies it, and no other policy can allow it` : `${which} does not allow it`
    return [{ do: `Ask ${who}: ${why}.`, command: null, who }]
  }
  if (!isKnown)
    return [
      ...(one.principal === UNNAMED.stateMachine ? [SIZE_OF_LOGS_POLICY] : []),
      {
        do: `${one.action === null ? 'Find' : 'Before anything is allowed, find'} the record of ${recordName(one)} in CloudTrail: it names who was denied what.`,
        command: one.call?.operation ? lookup(one.call.operation) : null,
        who: null,
      },
    ]
  const on = one.resource === null || one.resource === '*' ? '' : ` on ${one.resource}`
  const advice = one.advice === undefined ? [] : [{ do: one.advice, command: null, who }]
  return [{ do: `Have ${what}${on} allowed for ${one.principal ?? 'who deploys'}.`, command: null, who }, ...advice]
}

/** A role is passed within another call, which alone has a record. */
const recordName = ({ action, call }: MissingPermission): string =>
  permissionName({ action: call !== null && actionNamed(action) !== null ? null : action, call })

/** A name of an operation holds letters and digits alone. */
const lookup = (operation: string): string | null =>
  /^[A-Za-z0-9]{1,80}$/.test(operation)
    ? `aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=${operation}`
    : null
