/**
 * Who was denied, as far as it can be proved: it decides who may not approve. A session name and a source identity are free text
 * chosen by the caller, so they count only where AWS, the identity provider or the trust policy of the role sets them.
 */

import { type Fact, never, type Read, unknown } from '../../../core/base/index.ts'
import {
  type Denial,
  deniedPrincipal,
  type IssuedKey,
  type KeyChain,
  type Principal,
  principalNamed,
} from '../../../core/denial/index.ts'
import {
  type Identity,
  isRole,
  matchesGlob,
  type PolicyDocument,
  parseArn,
  parseEntityArn,
} from '../../../core/iam/index.ts'
import { type Config, chatUserOf, isWorkloadIssuer } from '../config/index.ts'
import type { ChatUserId } from '../messages/index.ts'
import { type Entrance, entrancesOf, isPinned, isSeat, type ReadTrusts, roleEntry } from './entrances.ts'

/** A claim that only the chat can settle: `email` is looked up there. */
export type RequesterClaim =
  | { readonly kind: 'machine' }
  | { readonly kind: 'person'; readonly userId: ChatUserId }
  | { readonly kind: 'email'; readonly email: string }
  /**
   * A person, and it cannot be proved who. `claimed`: the e-mail address that the session gives, if it gives one. `alsoClaimed`: more
   * addresses, and users of the chat whom the configuration knows by such a name.
   */
  | {
      readonly kind: 'unknown'
      readonly why: string
      readonly claimed: string | null
      readonly alsoClaimed?: readonly string[]
    }

type Denied = Pick<Denial, 'principal' | 'context'> & Partial<Pick<Denial, 'claims'>>
type Mapping = Pick<Config, 'people' | 'machines' | 'machineUsers'>

/**
 * Who was denied, by the identity policies and the trust of the caller as they could be read, and by the records that issued its key.
 * `chain`: null where nothing was asked. `trusts`: of the roles that enter the caller's.
 */
export function requesterClaim(
  denial: Denied,
  caller: Read<Identity>,
  config: Mapping,
  chain: KeyChain | null = null,
  trusts: ReadTrusts = NO_TRUSTS,
): RequesterClaim {
  const claim = requesterClaimOf(denial, trustOf(caller), config, trusts)
  const begun = chain === null ? null : begunBy(chain, denial, config)
  if (begun === null) return claim
  switch (claim.kind) {
    case 'unknown':
      if (begun.kind === 'unknown') return withClaims(claim, begun)
      // People can enter the role too, and would get what is granted to it without an end and by one approval.
      return begun.kind === 'machine' ? claim : begun
    case 'machine':
      // The trust policy lets in no people any more. Of a token, it says better than the record whether it is a build's.
      return begun.kind === 'machine' || chain?.root?.type === 'WebIdentityUser' ? claim : begun
    default:
      return claim
  }
}

const NO_TRUSTS: ReadTrusts = new Map()

/** Roles whose trust policies would show that only machines enter the role of a caller whom nobody knows. */
export function trustsToRead(
  { principal }: Pick<Denied, 'principal'>,
  caller: Read<Identity>,
  config: Pick<Mapping, 'machines'>,
  trusts: ReadTrusts,
): readonly string[] {
  const trust = trustOf(caller)
  return principal.kind === 'role' && principal.roleArn !== null && trust.known
    ? roleEntry({ arn: principal.roleArn, trust: trust.value }, config, trusts).unread
    : []
}

/** The one who began a chain of sessions asked, whatever the sessions in between are called. Null: nobody is proved. */
function begunBy({ root, hops }: KeyChain, denial: Denied, config: Mapping): RequesterClaim | null {
  const first = hops.at(-1)
  if (root === null || first === undefined) return null
  const began = { ...denial, principal: deniedPrincipal(root) }
  switch (root.type) {
    case 'IAMUser': {
      const claim = userClaim(began, config)
      // A broker gives people sessions in names of its own.
      const isBroker = claim.kind === 'machine' && first.of === 'federated'
      return isBroker ? unproved(denial, 'people may ask this user for sessions', config) : claim
    }
    case 'AssumedRole':
      return identityCenterClaim(began, config)
    case 'SAMLUser': {
      // The provider sets the name of the session.
      const entered = enteredBy(first)
      const name = entered?.sessionName ?? null
      const of = { ...began, principal: { ...began.principal, accountId: entered?.accountId ?? null } }
      const claim =
        signedIn(root.userName, first.provider, first, config) ??
        (name === null || first.provider === null ? null : named(name, first.provider, of, config))
      return claim ?? unproved(of, 'its sign-in is mapped to nobody in "people"', config)
    }
    case 'WebIdentityUser': {
      const claims = { provider: root.identityProvider, subject: root.userName, audience: null }
      const claim = webIdentityClaim({ ...began, claims }, config)
      if (claim.kind !== 'unknown') return claim
      return signedIn(root.userName, root.identityProvider, first, config) ?? claim
    }
    case 'AWSService':
      return root.invokedBy === null || isSeat(root.invokedBy) ? null : { kind: 'machine' }
    default:
      return null
  }
}

const enteredBy = ({ session }: IssuedKey): Principal | null => (session === null ? null : principalNamed(session.arn))

/**
 * AWS takes both from what the provider signed, and writes them into the record of the sign-in.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html
 */
function signedIn(
  subject: string | null,
  provider: string | null,
  first: IssuedKey,
  { people }: Mapping,
): RequesterClaim | null {
  if (subject === null || provider === null) return null
  // A provider signs in to roles of its own account.
  if (parseArn(provider)?.accountId !== enteredBy(first)?.accountId) return null
  const mapped = people.find(one => one.subject === subject && one.provider === provider)
  return mapped === undefined ? null : { kind: 'person', userId: chatUserOf(mapped) }
}

type UnknownClaim = Extract<RequesterClaim, { readonly kind: 'unknown' }>

/** Everybody whom either names. */
const withClaims = (claim: UnknownClaim, begun: UnknownClaim): UnknownClaim => claiming(claim, [claim, begun])

/** A claim that stays unknown, with those whom another one names. One that is known stays as it is. */
export const alsoClaiming = (claim: RequesterClaim, found: RequesterClaim): RequesterClaim =>
  claim.kind === 'unknown' ? claiming(claim, [claim, found]) : claim

function claiming({ why }: UnknownClaim, claims: readonly RequesterClaim[]): UnknownClaim {
  const [claimed = null, ...others] = new Set(claims.flatMap(namedBy))
  const alsoClaimed = others.slice(0, MAX_CLAIMED)
  return { kind: 'unknown', why, claimed, ...(alsoClaimed.length === 0 ? {} : { alsoClaimed }) }
}

/** Addresses and users of the chat. */
export function namedBy(claim: RequesterClaim): readonly string[] {
  switch (claim.kind) {
    case 'machine':
      return []
    case 'person':
      return [claim.userId]
    case 'email':
      return [claim.email]
    case 'unknown':
      return [...(claim.claimed === null ? [] : [claim.claimed]), ...(claim.alsoClaimed ?? [])]
    default:
      return never(claim)
  }
}

function trustOf(caller: Read<Identity>): Fact<PolicyDocument> {
  switch (caller.kind) {
    case 'found':
      return isRole(caller.value) ? caller.value.trust : unknown('the caller is not a role')
    case 'absent':
      return unknown('the role does not exist any more')
    case 'unreadable':
      return unknown(caller.why)
    default:
      return never(caller)
  }
}

/** `trust`: the trust policy of the caller's own role, where it has one. */
export function requesterClaimOf(
  denial: Denied,
  trust: Fact<PolicyDocument>,
  config: Mapping,
  trusts: ReadTrusts = NO_TRUSTS,
): RequesterClaim {
  const { principal } = denial
  switch (principal.kind) {
    case 'web-identity':
      return webIdentityClaim(denial, config)
    case 'service':
    case 'service-linked-role':
      return { kind: 'machine' }
    case 'user':
      return userClaim(denial, config)
    case 'sso-role':
      return identityCenterClaim(denial, config)
    case 'role':
      return roleClaim(denial, trust, config, trusts)
    case 'saml':
    case 'federated-user':
    case 'root':
    case 'unknown':
      return unproved(denial, `the event does not prove who used ${KINDS[principal.kind]}`, config)
    default:
      return never(principal.kind)
  }
}

const KINDS = {
  saml: 'a SAML sign-in',
  'federated-user': 'a federated session',
  root: 'the root user',
  unknown: 'these credentials',
}

/** Of an issuer that people sign in with, the token is a person's. */
function webIdentityClaim(denial: Denied, config: Mapping): RequesterClaim {
  const { claims } = denial
  const host = claims?.provider?.replace(/^arn:[^/]*:oidc-provider\/|^https:\/\//, '').toLowerCase()
  if (claims === undefined || (host !== undefined && isWorkloadIssuer(host))) return { kind: 'machine' }
  return unproved(denial, `people may sign in with ${host ?? 'an issuer that the event does not name'}`, config)
}

function userClaim(denial: Denied, config: Mapping): RequesterClaim {
  const { arn, accountId, name } = denial.principal
  if (arn !== null && config.machineUsers.some(glob => matchesGlob(glob, arn))) return { kind: 'machine' }
  const userId = name === null ? null : personOfUser(name, accountId, config)
  if (userId !== null) return { kind: 'person', userId }
  return unproved(denial, 'this IAM user is mapped to nobody: add it to "people" or "machineUsers"', config)
}

/** Identity Center itself names the session. Anybody may give a role such a name, but only AWS can use the path. */
function identityCenterClaim(denial: Denied, config: Mapping): RequesterClaim {
  const { roleArn, pathKnown, sessionName } = denial.principal
  const path = pathKnown && roleArn !== null ? parseEntityArn(roleArn)?.path : undefined
  if (path?.startsWith('/aws-reserved/sso.amazonaws.com/') !== true)
    return unproved(denial, 'it cannot be seen that AWS made this Identity Center role', config)
  if (sessionName === null) return unproved(denial, 'the event does not name the session', config)
  return (
    named(sessionName, null, denial, config) ??
    unproved(denial, `${sessionName} is mapped to nobody in "people"`, config)
  )
}

/** `machines` says whose builds an unknown issuer signs in. A role that people can enter is no machine, whatever its name. */
function roleClaim(denial: Denied, trust: Fact<PolicyDocument>, config: Mapping, trusts: ReadTrusts): RequesterClaim {
  const { roleArn, sessionName } = denial.principal
  if (!trust.known)
    return unproved(denial, `the trust policy of the caller's role could not be read: ${trust.why}`, config)
  const entrances = entrancesOf(trust.value)
  const isMachine = roleArn !== null && config.machines.some(glob => matchesGlob(glob, roleArn))
  const entry = roleEntry({ arn: roleArn ?? '', trust: trust.value }, config, trusts)
  if (entry.isMachine) return { kind: 'machine' }
  const source = sourceIdentityOf(denial)
  const bySource = source !== null && isPinned(entrances, source) ? named(source, null, denial, config) : null
  if (bySource !== null) return bySource
  const [first] = entrances
  const onlyProvider =
    first?.kind === 'saml' && entrances.every(one => one.kind === 'saml' && one.provider === first.provider)
      ? first.provider
      : null
  // A SAML provider sets the session name itself. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html
  const byProvider =
    onlyProvider === null || sessionName === null ? null : named(sessionName, onlyProvider, denial, config)
  return byProvider ?? unproved(denial, whyUnproved(entrances, source, isMachine), config)
}

function sourceIdentityOf({ context }: Denied): string | null {
  const source = context['aws:sourceidentity']
  return source?.state === 'present' ? (source.values[0] ?? null) : null
}

function whyUnproved(entrances: readonly Entrance[], source: string | null, isMachine: boolean): string {
  const seat = entrances.find(({ kind }) => kind === 'seat')
  const who =
    seat?.kind === 'seat'
      ? `people can work in what ${seat.service} runs with this role`
      : `people can assume this role${isMachine ? ', so "machines" does not make it one' : ''}`
  if (source === null) return seat === undefined ? `${who}, and choose the name of their session` : who
  return isPinned(entrances, source)
    ? `its source identity ${source} is mapped to nobody in "people"`
    : `${who}, and its trust policy does not set the source identity of each of them`
}

/** `provider`: null for what Identity Center or `sourceIdentity` says. A provider's names count only where the configuration says whose they are. */
function named(name: string, provider: string | null, denial: Denied, config: Mapping): RequesterClaim | null {
  const userId = personOfSession({ name, provider }, denial.principal.accountId, config)
  if (userId !== null) return { kind: 'person', userId }
  return provider === null && isEmail(name) ? { kind: 'email', email: name } : null
}

type People = Pick<Config, 'people'>

/** Whose IAM user this is, by the configuration. Null: it does not say. */
function personOfUser(name: string, accountId: string | null, { people }: People): ChatUserId | null {
  const mapped = people.find(
    ({ user, account }) => user !== undefined && matchesGlob(user, name) && (account ?? accountId) === accountId,
  )
  return mapped === undefined ? null : chatUserOf(mapped)
}

/** Whose session, where the provider, or with null Identity Center, sets its name. Null: the configuration does not say. */
function personOfSession(
  { name, provider }: { readonly name: string; readonly provider: string | null },
  accountId: string | null,
  { people }: People,
): ChatUserId | null {
  const mapped = people.find(
    one =>
      one.session !== undefined &&
      matchesGlob(one.session, name) &&
      (one.account ?? accountId) === accountId &&
      (one.provider === undefined ? provider === null : provider !== null && matchesGlob(one.provider, provider)),
  )
  return mapped === undefined ? null : chatUserOf(mapped)
}

const STS_ARN = /^arn:[a-z-]+:(?:iam|sts)::(\d{12}):(user|assumed-role)\/(?:([^/]+)\/)?(?:[^/]+\/)*([^/]+)$/
/** Identity Center sets the names of its sessions, and nobody else does: anyone who assumes another role chooses one. */
const IN_IDENTITY_CENTER = /^AWSReservedSSO_[\w+=,.@-]+_[0-9a-f]{16}$/

/**
 * Of an ARN as STS gives it: the same for all users and sign-ins that are known to be one person's. Null: a user whom the configuration
 * does not know, or a role whose sessions people name.
 */
export function personOfCaller(arn: string, people: People): string | null {
  const [, accountId = '', kind, role = '', name = ''] = STS_ARN.exec(arn) ?? []
  const isSession = kind === 'assumed-role' && IN_IDENTITY_CENTER.test(role)
  if (kind !== 'user' && !isSession) return null
  const person = isSession
    ? personOfSession({ name, provider: null }, accountId, people)
    : personOfUser(name, accountId, people)
  if (person !== null) return `person ${person}`
  return isSession ? `sso ${name}` : null
}

/** Who is named may not approve, in whatever way the session names them. */
function unproved(denial: Denied, why: string, { people }: Pick<Mapping, 'people'>): RequesterClaim {
  const { sessionName, name } = denial.principal
  const names = [sourceIdentityOf(denial), sessionName, name].filter(one => one !== null)
  const users = people
    .filter(({ session, user, subject }) =>
      names.some(one => subject === one || [session, user].some(glob => glob && matchesGlob(glob, one))),
    )
    .map(chatUserOf)
  const [claimed = null, ...others] = new Set(names.filter(isEmail))
  const alsoClaimed = [...new Set([...others, ...users])].slice(0, MAX_CLAIMED)
  return { kind: 'unknown', why, claimed, ...(alsoClaimed.length === 0 ? {} : { alsoClaimed }) }
}

/** A signed decision holds so many beside the first. */
const MAX_CLAIMED = 9

const isEmail = (text: string): boolean => /^[^\s@]{1,64}@[^\s@]{1,190}$/.test(text)
