/** Why it was denied, in one sentence without evaluation terms. Details has the whole finding. */
import { code, joined, never, own, type RichText, richText, type Span } from '../../../../core/base/index.ts'
import { callerName, roleName } from '../../../../core/denial/index.ts'
import type { Gap } from '../../../../core/diagnosis/index.ts'
import { entityName } from '../../../../core/iam/index.ts'
import { parseTokenSubject, type TokenSubject } from '../../../../core/patch/index.ts'
import type { Proposal } from '../../proposal/index.ts'
import { isServiceKey, serviceName } from './service-names.ts'

/** `before`: the words before it say that it is likely. */
export function causeLine(proposal: Pick<Proposal, 'denial' | 'diagnosis'>, before: 'likely' | null = null): RichText {
  const { diagnosis } = proposal
  const [missing] = diagnosis.unknowns
  const doubt =
    diagnosis.verdict !== 'likely'
      ? []
      : missing === undefined
        ? richText` Not certain.`
        : before === 'likely'
          ? richText` Not seen: ${missing.fact}.`
          : richText` Not certain: ${missing.fact} could not be seen.`
  return richText`${cause(proposal)}${doubt}`
}

function cause({ denial, diagnosis }: Pick<Proposal, 'denial' | 'diagnosis'>): RichText {
  const who = code(callerName(denial))
  const role = code(roleName(denial))
  const [gap] = diagnosis.gaps.filter(one => one.kind !== 'service-trust')
  switch (diagnosis.cause) {
    case 'identity-gap':
      return richText`No policy of ${who} allows it yet.`
    case 'identity-condition':
      if (gap?.kind === 'identity-condition') return condition(richText`A policy of ${who} allows it`, gap)
      return diagnosis.passedService === null ? whole() : forAnotherService(who, diagnosis.passedService.services)
    case 'trust-gap':
      return gap === undefined ? whole() : richText`${role} does not let ${who} in yet.`
    case 'trust-condition':
      return gap?.kind === 'trust-condition' ? condition(richText`${role} lets callers in`, gap) : whole()
    case 'identity-and-trust-gap':
      return gap === undefined
        ? richText`Neither a policy of ${who} nor ${role} itself allows the call as it was made.`
        : richText`Neither a policy of ${who} nor ${role} itself allows it yet.`
    case 'self-assume':
      return richText`${role} takes its own role again, and does not let itself in.`
    case 'already-allowed':
      return richText`It was fixed meanwhile, or something that could not be read denies it.`
    case 'explicit-deny':
    case 'boundary-gap':
    case 'session-policy-gap':
    case 'scp-gap':
    case 'rcp-gap':
    case 'vpce-gap':
    case 'role-not-found':
    case 'role-name-mismatch':
    case 'transient':
    case 'deleted-trust-principal':
    case 'reserved-role':
    case 'cross-account-pass-role':
    case 'root-caller':
    case 'unknown':
      return whole()
    default:
      return never(diagnosis.cause)
  }
  function whole(): RichText {
    return richText`${diagnosis.summary}`
  }
}

type Condition = Extract<Gap, { readonly wanted: readonly string[] }>

/** `A policy of X allows it only for Lambda functions; this was for ECS tasks.` */
function condition(allows: RichText, { key, wanted, got }: Condition): RichText {
  const shown = wanted.slice(0, MAX_VALUES).map(value => inWords(key, value))
  const same = shown.some(one => JSON.stringify(one) === JSON.stringify(inWords(key, got)))
  const shownAs = (value: string): RichText => (same ? [code(value)] : inWords(key, value))
  const more = wanted.length > MAX_VALUES ? [[own('others')]] : []
  const only = joined([...wanted.slice(0, MAX_VALUES).map(shownAs), ...more], ' or ')
  if (isServiceKey(key)) return richText`${allows}, only for ${only}; this was for ${shownAs(got)}.`
  if (isSubject(key)) return richText`${allows}, only for ${only}; this was ${shownAs(got)}.`
  return richText`${allows}, only where ${code(key)} is ${only}; this was ${shownAs(got)}.`
}

function forAnotherService(who: Span, services: readonly string[]): RichText {
  const names = services.slice(0, MAX_VALUES).map(service => inWords('iam:PassedToService', service))
  return richText`A policy of ${who} allows it for another service; this was for ${joined(names, ' or ')}.`
}

const MAX_VALUES = 2
const isSubject = (key: string): boolean => /:sub$/i.test(key)

function inWords(key: string, value: string): RichText {
  const known = isServiceKey(key) ? serviceName(value) : null
  if (known !== null) return [own(known)]
  const subject = isSubject(key) ? parseTokenSubject(value) : null
  if (subject !== null) return subjectInWords(subject)
  return [code(entityName(value))]
}

/** `branch main of acme/orders` */
function subjectInWords({ owner, unit, project, source }: TokenSubject): RichText {
  const place =
    unit === 'namespace' ? richText`in namespace ${code(project)}` : richText`of ${code(`${owner}/${project}`)}`
  const { kind, name } = source
  if (kind === 'any') return richText`everything ${place}`
  if (kind === 'pull-request') return richText`pull requests ${place}`
  return richText`${own(kind === 'other' ? 'subject' : kind.replace('-', ' '))} ${code(name)} ${place}`
}
