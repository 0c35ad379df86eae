/**
 * Who was denied, as far as it can be proved: it decides who may not approve. A session name is free text chosen by the
 * caller, so it counts only where AWS or the identity provider sets it.
 */

import { type Fact, type Read, unknown } from '../base/fact.ts'
import { never } from '../base/result.ts'
import type { Config } from '../config/config.ts'
import type { Denial } from '../denial/denial.ts'
import { parseArn, parseEntityArn } from '../iam/arn.ts'
import { type Identity, isRole } from '../iam/evaluation/access-snapshot.ts'
import { matchesGlob } from '../iam/policy/glob.ts'
import { list, type PolicyDocument, type Statement } from '../iam/policy/policy-document.ts'

/** A claim that only the chat can settle: `email` is looked up there. */
export type RequesterClaim =
  | { readonly kind: 'machine' }
  | { readonly kind: 'person'; readonly userId: string }
  | { readonly kind: 'email'; readonly email: string }
  /** A person, and it cannot be proved who. `claimed`: the e-mail address that the session name gives, if it gives one. */
  | { readonly kind: 'unknown'; readonly why: string; readonly claimed: string | null }

type Denied = Pick<Denial, 'principal' | 'context'>
type Mapping = Pick<Config, 'people' | 'machines' | 'machineUsers'>

/** As the caller was read. */
export function requesterClaim(denial: Denied, caller: Read<Identity>, config: Mapping): RequesterClaim {
  return requesterClaimOf(denial, trustOf(caller), config)
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
export function requesterClaimOf(denial: Denied, trust: Fact<PolicyDocument>, config: Mapping): RequesterClaim {
  const { principal } = denial
  switch (principal.kind) {
    case 'web-identity':
    case 'service':
    case 'service-linked-role':
      return { kind: 'machine' }
    case 'user':
      return userClaim(denial, config)
    case 'sso-role':
      return identityCenterClaim(denial, config)
    case 'role':
      return roleClaim(denial, trust, config)
    case 'saml':
    case 'federated-user':
    case 'root':
    case 'unknown':
      return unproved(denial, `the event does not prove who used ${KINDS[principal.kind]}`)
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

function userClaim(denial: Denied, config: Mapping): RequesterClaim {
  const { arn, accountId, name } = denial.principal
  if (arn !== null && config.machineUsers.some(glob => matchesGlob(glob, arn))) return { kind: 'machine' }
  const mapped = config.people.find(
    ({ user, account }) =>
      user !== undefined && name !== null && matchesGlob(user, name) && (account ?? accountId) === accountId,
  )
  if (mapped !== undefined) return { kind: 'person', userId: mapped.slack }
  return unproved(denial, 'this IAM user is mapped to nobody: add it to "people" or "machineUsers"')
}

/** Identity Center itself names the session. Anybody may give a role such a name, but only AWS can use the path. */
function identityCenterClaim(denial: Denied, config: Mapping): RequesterClaim {
  const { roleArn, pathKnown, sessionName } = denial.principal
  const path = pathKnown && roleArn !== null ? parseEntityArn(roleArn)?.path : undefined
  if (path?.startsWith('/aws-reserved/sso.amazonaws.com/') !== true)
    return unproved(denial, 'it cannot be seen that AWS made this Identity Center role')
  if (sessionName === null) return unproved(denial, 'the event does not name the session')
  return named(sessionName, null, denial, config) ?? unproved(denial, `${sessionName} is mapped to nobody in "people"`)
}

function roleClaim(denial: Denied, trust: Fact<PolicyDocument>, config: Mapping): RequesterClaim {
  const { roleArn, sessionName } = denial.principal
  if (roleArn !== null && config.machines.some(glob => matchesGlob(glob, roleArn))) return { kind: 'machine' }
  const source = denial.context['aws:sourceidentity']
  if (source?.state === 'present') {
    const [identity = ''] = source.values
    const claim = named(identity, null, denial, config)
    if (claim !== null) return claim
  }
  if (!trust.known) return unproved(denial, `the trust policy of the caller's role could not be read: ${trust.why}`)
  const entrances = entrancesOf(trust.value)
  if (entrances.length > 0 && entrances.every(entrance => entrance.kind === 'machine')) return { kind: 'machine' }
  const [first] = entrances
  const onlyProvider =
    first?.kind === 'saml' && entrances.every(one => one.kind === 'saml' && one.provider === first.provider)
      ? first.provider
      : null
  // A SAML provider sets the session name itself. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html
  const byProvider =
    onlyProvider === null || sessionName === null ? null : named(sessionName, onlyProvider, denial, config)
  return byProvider ?? unproved(denial, 'people can assume this role, and choose the name of their session')
}

/** `provider`: null for what Identity Center or `sourceIdentity` says. A provider's names count only where the configuration says whose they are. */
function named(name: string, provider: string | null, denial: Denied, { people }: Mapping): RequesterClaim | null {
  const mapped = people.find(
    one =>
      one.session !== undefined &&
      matchesGlob(one.session, name) &&
      (one.account ?? denial.principal.accountId) === denial.principal.accountId &&
      (one.provider === undefined ? provider === null : provider !== null && matchesGlob(one.provider, provider)),
  )
  if (mapped !== undefined) return { kind: 'person', userId: mapped.slack }
  return provider === null && isEmail(name) ? { kind: 'email', email: name } : null
}

function unproved({ principal }: Denied, why: string): RequesterClaim {
  const claimed = [principal.sessionName, principal.name].find(name => name !== null && isEmail(name)) ?? null
  return { kind: 'unknown', why, claimed }
}

const isEmail = (text: string): boolean => /^[^\s@]{1,64}@[^\s@]{1,190}$/.test(text)

type Entrance =
  | { readonly kind: 'machine' }
  | { readonly kind: 'saml'; readonly provider: string }
  | { readonly kind: 'people' }

/** Everything that a trust policy lets in, statement by statement. What cannot be read as a machine counts as people. */
function entrancesOf({ Statement: statements }: PolicyDocument): readonly Entrance[] {
  return statements.filter(({ Effect }) => Effect === 'Allow').flatMap(entrancesOfStatement)
}

function entrancesOfStatement({ Principal, NotPrincipal }: Statement): readonly Entrance[] {
  if (NotPrincipal !== undefined || Principal === undefined || typeof Principal === 'string')
    return [{ kind: 'people' }]
  return Object.entries(Principal).flatMap(([type, value]) => list(value).map(one => entranceOf(type, one)))
}

function entranceOf(type: string, principal: string): Entrance {
  if (type === 'Service') return { kind: 'machine' }
  if (type !== 'Federated') return { kind: 'people' }
  const resource = parseArn(principal)?.resource ?? ''
  if (resource.startsWith('saml-provider/')) return { kind: 'saml', provider: principal }
  const host = resource.startsWith('oidc-provider/') ? resource.slice('oidc-provider/'.length) : ''
  return isWorkloadIssuer(host) ? { kind: 'machine' } : { kind: 'people' }
}

/**
 * Issuers that give tokens to builds and workloads, never to people. Others may be somebody's own sign-in.
 * GitHub: https://docs.github.com/actions/reference/openid-connect-reference · GitLab: https://docs.gitlab.com/ci/cloud_services/aws/
 * CircleCI: https://circleci.com/docs/openid-connect-tokens/ · Bitbucket: https://support.atlassian.com/bitbucket-cloud/docs/deploy-on-aws-using-bitbucket-pipelines-openid-connect/
 * Buildkite: https://buildkite.com/docs/agent/v3/cli-oidc · HCP Terraform: https://developer.hashicorp.com/terraform/cloud-docs/workspaces/dynamic-provider-credentials/aws-configuration
 * EKS: https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html · GKE and AKS: their cluster issuers
 */
const WORKLOAD_ISSUERS: readonly RegExp[] = [
  /^token\.actions\.githubusercontent\.com(\/|$)/,
  /^gitlab\.com$/,
  /^oidc\.circleci\.com\/org\//,
  /^api\.bitbucket\.org\/2\.0\/workspaces\/[^/]+\/pipelines-config\/identity\/oidc$/,
  /^agent\.buildkite\.com$/,
  /^app\.terraform\.io$/,
  /^oidc(-[a-z0-9-]+)?\.eks\.[a-z0-9-]+\.(amazonaws\.com(\.cn)?|api\.aws)\/id\//,
  /^container\.googleapis\.com\/v1\/projects\//,
  /^[a-z0-9-]+\.oic\.[a-z0-9.-]*aks\.azure\.com\//,
  /^[a-z0-9-]+\.app\.spacelift\.io$/,
]

const isWorkloadIssuer = (host: string): boolean => WORKLOAD_ISSUERS.some(issuer => issuer.test(host))
