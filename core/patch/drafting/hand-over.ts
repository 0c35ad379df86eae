/**
 * What an error text alone shows to be needed, for a person to give to an administrator. No policy was read, so this is never a
 * patch. It has a policy name of its own, so that it replaces nothing.
 */
import { descriptorOf } from '../../actions/index.ts'
import { never } from '../../base/index.ts'
import { type Denial, fingerprintOf, isHiddenName, type Principal } from '../../denial/index.ts'
import { type Diagnosis, likelyServices } from '../../diagnosis/index.ts'
import { type AccessSnapshot, parseArn, roleArn, type Statement } from '../../iam/index.ts'
import type { PolicyChange, Target } from '../patch.ts'
import type { DraftOptions } from './draft.ts'
import { exactEntity, exactRole, isReserved, isServiceLinked, isServiceName } from './exact-names.ts'
import { passRoleStatements } from './pass-role-statements.ts'
import { serviceLinkedRoleStatement } from './service-linked-role.ts'
import { serviceTrustStatement } from './trust-statement.ts'

export type HandOver =
  /**
   * A new policy of the caller. `services`: the likeliest ones where none is known, and the statement has SERVICE in its place.
   * `isMasked`: the account in the ARN is hidden, as in the text.
   */
  | {
      readonly kind: 'caller'
      readonly change: Omit<PolicyChange, 'digest' | 'required'>
      readonly services?: readonly string[]
      readonly isMasked?: true
    }
  /** One more statement of a trust policy. A trust policy is written as a whole, which requires reading it first. */
  | { readonly kind: 'trust'; readonly role: string | null; readonly statement: Statement }

export function handOver(
  denial: Denial,
  diagnosis: Diagnosis,
  snapshot: AccessSnapshot,
  options: DraftOptions & { readonly isAlone: boolean },
): HandOver | null {
  if (diagnosis.solved !== undefined) return null
  if (diagnosis.roleGone !== undefined) return forGoneRole(denial, diagnosis, snapshot, options)
  if (!options.isAlone || diagnosis.gaps.length > 0) return null
  if (diagnosis.verdict !== 'likely' && diagnosis.verdict !== 'not-enough-evidence') return null
  if (denial.principal.kind === 'service')
    return diagnosis.cause === 'trust-gap' ? serviceTrust(denial, snapshot) : null
  if (diagnosis.cause !== 'unknown' && diagnosis.cause !== 'identity-gap') return null
  if (snapshot.caller.kind === 'found') return null
  const sid = `Rolemedic${fingerprintOf(denial).slice(0, 8)}`
  const found = callerStatement(denial, diagnosis, snapshot, { ...options, sid })
  if (found === null) return null
  const { statement, ...open } = found
  return { kind: 'caller', change: newPolicy(denial, { Sid: sid, ...statement }), ...open }
}

/** The statement that the caller lacked. It is no patch: no role has this name now. */
function forGoneRole(
  denial: Denial,
  diagnosis: Diagnosis,
  snapshot: AccessSnapshot,
  options: DraftOptions,
): HandOver | null {
  const sid = `Rolemedic${fingerprintOf(denial).slice(0, 8)}`
  const suggested = callerStatement(denial, diagnosis, snapshot, { ...options, sid })
  if (suggested === null) return null
  const { statement, ...open } = suggested
  const change = newPolicy(denial, { Sid: sid, ...statement })
  const arn = snapshot.caller.kind === 'found' ? snapshot.caller.value.arn : change.target.arn
  return { kind: 'caller', change: { ...change, target: { ...change.target, arn } }, ...open }
}

/** Stands where the text and the call leave the service open: as it is, the statement allows nothing. */
const OPEN_SERVICE = 'SERVICE.amazonaws.com'

type Suggested = {
  readonly statement: Omit<Statement, 'Sid'>
  readonly services?: readonly string[]
  readonly isMasked?: true
}

function callerStatement(
  denial: Denial,
  diagnosis: Diagnosis,
  snapshot: AccessSnapshot,
  options: Omit<DraftOptions, 'joinable'> & { readonly sid: string },
): Suggested | null {
  const exact = exactRole(denial.resource)?.text ?? null
  const role = exact ?? maskedRole(denial.resource)
  const { draft } = descriptorOf(denial.action)
  if (role === null || isHiddenName(role.slice(role.lastIndexOf('/') + 1))) return null
  const masked = exact === null ? ({ isMasked: true } as const) : {}
  switch (draft.kind) {
    case 'pass-role': {
      const { passedService } = diagnosis
      // The service that such a role usually trusts is a guess, and the role was not read.
      if (passedService === null || passedService.evidence === 'trust')
        return { statement: passTo(denial, role, OPEN_SERVICE), services: likelyServices(denial), ...masked }
      if (exact === null) {
        const [service, ...more] = passedService.services
        return service === undefined || more.length > 0 ? null : { statement: passTo(denial, role, service), ...masked }
      }
      const statements = passRoleStatements({ denial, diagnosis, snapshot, joinable: new Set(), ...options }, [exact])
      const [statement] = statements.ok ? statements.value : []
      return statement === undefined ? null : { statement }
    }
    case 'service-linked-role': {
      const statement = exact === null ? null : serviceLinkedRoleStatement(exact)
      return statement?.ok === true ? { statement: statement.value } : null
    }
    case 'session':
      // Only if AWS says that the caller's side lacks it.
      return denial.reason === 'no-identity-policy' && draft.narrowedBy === null
        ? { statement: { Effect: 'Allow', Action: denial.action, Resource: role }, ...masked }
        : null
    case 'claim':
    case 'nothing':
      return null
    default:
      return never(draft)
  }
}

const passTo = ({ action }: Denial, role: string, service: string): Omit<Statement, 'Sid'> => ({
  Effect: 'Allow',
  Action: action,
  Resource: role,
  Condition: { StringEquals: { 'iam:PassedToService': service } },
})

/** An ARN whose account alone is hidden, as build services do it: the name is what the text says. */
const maskedRole = (text: string | null): string | null =>
  text !== null && /^arn:aws[a-z-]{0,20}:iam::[*#xX•●█]{1,40}:role\/[\w+=,.@/-]{1,512}$/.test(text) ? text : null

function newPolicy(denial: Denial, statement: Statement): Omit<PolicyChange, 'digest' | 'required'> {
  const target = targetOf(denial.principal, `rolemedic-${fingerprintOf(denial).slice(0, 8)}`)
  return { target, before: null, after: { Version: '2012-10-17', Statement: [statement] } }
}

/** An inline policy of the caller. If the text does not name a caller that can have one, a managed policy to attach. */
function targetOf(principal: Principal, policyName: string): Target {
  const arn = exactEntity(arnOf(principal))
  if (arn === null || isHiddenName(arn.name) || isReserved(arn) || isServiceLinked(arn))
    return { kind: 'managed-policy', accountId: principal.accountId ?? '', name: policyName, policyName: null, arn: '' }
  const kind = arn.kind === 'role' ? 'role-inline-policy' : 'user-inline-policy'
  return { kind, accountId: arn.accountId, name: arn.name, policyName, arn: arn.text }
}

function arnOf({ kind, arn, accountId, name }: Principal): string | null {
  if (kind === 'user') return arn
  return kind === 'role' && accountId !== null && name !== null
    ? roleArn(parseArn(arn ?? '')?.partition ?? 'aws', accountId, name)
    : null
}

function serviceTrust({ principal, resource, action, context }: Denial, snapshot: AccessSnapshot): HandOver | null {
  const service = principal.name
  const [target] = snapshot.targets
  if (service === null || !isServiceName(service) || target?.role.kind === 'found') return null
  const statement = serviceTrustStatement(service, context, action)
  return { kind: 'trust', role: exactRole(resource)?.text ?? null, statement }
}
