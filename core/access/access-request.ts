/** Builds the request to evaluate from a denial. Whatever the denial does not show is unknown. */

import { descriptorOf } from '../actions/index.ts'
import { memoize, never, perObject } from '../base/index.ts'
import { type Denial, isAgentServer, type Principal } from '../denial/index.ts'
import {
  ABSENT_KEY,
  type AccessRequest,
  type ContextFact,
  type ContextFacts,
  itemOf,
  parseArn,
  present,
  principalKeys,
  timeContext,
  UNNAMED_RESOURCE,
  unknownKey,
  WELL_KNOWN_PROVIDERS,
} from '../iam/index.ts'

/**
 * `resource`: another role of the same call. The `principalArn` of a web identity is its provider: the ARN in the role's
 * account, or the host of a well-known provider.
 */
export const requestOf = (denial: Denial, resource?: string): AccessRequest =>
  requestsOf(denial)(resource ?? denial.resource ?? UNNAMED_RESOURCE)

/** Cached: one diagnosis builds the same request about ten times. */
const requestsOf = perObject((denial: Denial) => memoize((asked: string) => requestAbout(denial, asked)))

function requestAbout(denial: Denial, asked: string): AccessRequest {
  const { principal } = denial
  return {
    action: denial.action,
    resource: asked,
    principalArn: principalArnOf(denial, asked),
    roleArn: principal.pathKnown ? principal.roleArn : null,
    context: {
      ...principalContext(principal, parseArn(asked)?.accountId ?? ''),
      ...callContext(denial),
      'iam:passedtoservice': passedToService(denial, asked),
      ...denial.context,
    },
  }
}

function principalArnOf(denial: Denial, resource: string): string {
  const { principal, claims, partition } = denial
  switch (principal.kind) {
    case 'web-identity':
    case 'saml': {
      const provider = claims?.provider ?? null
      if (provider === null) return ''
      if (provider.startsWith('arn:') || WELL_KNOWN_PROVIDERS.includes(provider)) return provider
      const account = parseArn(resource)?.accountId ?? ''
      const kind = principal.kind === 'saml' ? 'saml-provider' : 'oidc-provider'
      return account === '' ? '' : `arn:${partition}:iam::${account}:${kind}/${provider.replace(/^https:\/\//, '')}`
    }
    case 'root':
      return principal.arn ?? (principal.accountId === null ? '' : `arn:${partition}:iam::${principal.accountId}:root`)
    case 'user':
    case 'role':
    case 'sso-role':
    case 'service-linked-role':
    case 'federated-user':
    case 'service':
    case 'unknown':
      return principal.arn ?? principal.roleArn ?? principal.name ?? ''
    default:
      return never(principal.kind)
  }
}

/**
 * Only a service principal carries these keys.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
const NOT_FROM_A_SERVICE = absent([
  'aws:principalservicename',
  'aws:principalservicenameslist',
  'aws:sourcearn',
  'aws:sourceaccount',
  'aws:sourceorgid',
  'aws:sourceorgpaths',
])
/** These keys come with a session of root, or with the credentials of an EC2 instance. */
const NOT_FROM_USERS = absent([
  'aws:assumedroot',
  'ec2:roledelivery',
  'ec2:sourceinstancearn',
  'aws:ec2instancesourcevpc',
  'aws:ec2instancesourceprivateipv4',
])
const NOT_OF_ROOT = absent(['aws:assumedroot'])

/** EC2 names an instance's session after the instance id. */
const mayBeAnInstance = ({ sessionName }: Principal): boolean => sessionName === null || /^m?i-/.test(sessionName)

function absent(keys: readonly string[]): ContextFacts {
  return Object.fromEntries(keys.map(key => [key, ABSENT_KEY]))
}

function principalContext(principal: Principal, resourceAccount: string): ContextFacts {
  const account = principal.accountId === null ? {} : { 'aws:principalaccount': present(principal.accountId) }
  const id = principal.uniqueId === null ? {} : { 'aws:userid': present(principal.uniqueId) }
  const person = {
    ...account,
    ...id,
    'aws:principalisawsservice': present('false'),
    ...NOT_FROM_A_SERVICE,
  }
  switch (principal.kind) {
    case 'user':
      return {
        ...person,
        ...NOT_FROM_USERS,
        'aws:principaltype': present('User'),
        ...(principal.arn === null ? {} : { 'aws:principalarn': present(principal.arn) }),
        ...(principal.name === null ? {} : { 'aws:username': present(principal.name) }),
      }
    case 'role':
    case 'sso-role':
    case 'service-linked-role': {
      const arn = principal.pathKnown ? principal.roleArn : null
      return {
        ...person,
        ...(mayBeAnInstance(principal) ? NOT_OF_ROOT : NOT_FROM_USERS),
        ...principalKeys('role', resourceAccount),
        'aws:principaltype': present('AssumedRole'),
        ...(arn === null ? {} : { 'aws:principalarn': present(arn) }),
      }
    }
    case 'root':
      return {
        ...person,
        ...principalKeys('root', resourceAccount),
        'aws:principaltype': present('Account'),
        ...(principal.arn === null ? {} : { 'aws:principalarn': present(principal.arn) }),
      }
    case 'federated-user':
      return {
        ...person,
        ...principalKeys('federated-user', resourceAccount),
        'aws:principaltype': present('FederatedUser'),
      }
    case 'service':
      return {
        ...principalKeys('service', resourceAccount),
        'aws:principalisawsservice': present('true'),
        ...(principal.name?.includes('.amazonaws.com') === true
          ? { 'aws:principalservicename': present(principal.name) }
          : {}),
      }
    case 'web-identity':
    case 'saml':
      return { ...NOT_FROM_A_SERVICE, ...principalKeys('federated', resourceAccount) }
    case 'unknown':
      return {}
    default:
      return never(principal.kind)
  }
}

function callContext({ region, timeMs, via, source, context }: Denial): ContextFacts {
  const logged = source === 'cloudtrail'
  return {
    ...(region === null ? {} : { 'aws:requestedregion': present(region) }),
    ...(timeMs === null || context['aws:currenttime'] !== undefined ? {} : timeContext(timeMs)),
    ...((via === null && !logged) || isAgentServer(via) ? {} : { 'aws:viaawsservice': present(String(via !== null)) }),
    ...(via === null && logged
      ? { 'aws:calledvia': ABSENT_KEY, 'aws:calledviafirst': ABSENT_KEY, 'aws:calledvialast': ABSENT_KEY }
      : {}),
    ...(via === null || isAgentServer(via) ? {} : { 'aws:calledvialast': present(via) }),
  }
}

function passedToService(denial: Denial, resource: string): ContextFact {
  if (!descriptorOf(denial.action).passesRoles) return ABSENT_KEY
  const service = itemOf(denial.passes, resource)?.service
  if (service === undefined) return unknownKey('the event does not show which service receives the role')
  const { values, mayBeAbsent, ruledOut = [] } = service
  const [only] = values
  if (only === undefined) return unknownKey('the event does not show which service receives the role')
  const names = values.map(value => value.service)
  if (ruledOut.length > 0) return unknownKey('AWS denied the call although what it was thought to send was allowed')
  if (only.evidence === 'trust')
    return unknownKey(`nothing says what the call sends (${names.join(' or ')} is a guess)`)
  if (mayBeAbsent) return unknownKey(`it is not proven that the call sends it (${names.join(' or ')})`)
  return names.length === 1 ? present(only.service) : unknownKey(`the call may send any of ${names.join(', ')}`)
}
