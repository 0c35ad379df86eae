import { type DeniedAction, descriptorOf } from '../../actions/actions.ts'
import { parseArn } from '../../iam/arn.ts'
import {
  ABSENT_KEY,
  type ContextFact,
  type ContextFacts,
  present,
  timeContext,
  unknownKey,
} from '../../iam/conditions/context.ts'
import { parseAddress } from '../../iam/conditions/operators/ip.ts'
import { isAgentServer } from '../denial.ts'
import type { CloudTrailRecord, UserIdentity } from './cloudtrail-record.ts'
import { valuesAt } from './request-parameters.ts'

/**
 * The condition keys whose value the event proves. Every other key stays unknown.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
export function contextOf(
  record: CloudTrailRecord,
  action: DeniedAction,
  via: string | null,
  resource: string | null,
): ContextFacts {
  const facts: [string, ContextFact][] = []
  const add = (key: string, value: string | null | undefined) => {
    if (value !== null && value !== undefined && value !== '') facts.push([key.toLowerCase(), present(value)])
  }
  const timeMs = Date.parse(record.eventTime ?? '')
  if (!Number.isNaN(timeMs)) facts.push(...Object.entries(timeContext(timeMs)))
  addRequestKeys(record, via, add)
  add('aws:ResourceAccount', resource === null ? null : accountOf(resource))
  const identity = record.userIdentity
  if (identity !== null) {
    addPrincipalKeys(identity, add)
    facts.push(...sessionFacts(identity, via))
  }
  addParameterKeys(record, action, resource, add)
  return Object.fromEntries(facts)
}

type AddKey = (key: string, value: string | null | undefined) => void

function addRequestKeys(record: CloudTrailRecord, via: string | null, add: AddKey): void {
  add('aws:RequestedRegion', record.awsRegion)
  if (record.tlsDetails?.tlsVersion) add('aws:SecureTransport', 'true')
  // A service that acts for the principal hides the origin of the request.
  if (via !== null) return
  add('aws:UserAgent', record.userAgent)
  add('aws:SourceVpce', record.vpcEndpointId)
  if (record.sourceIPAddress !== null && parseAddress(record.sourceIPAddress) !== null) {
    add(record.vpcEndpointId === null ? 'aws:SourceIp' : 'aws:VpcSourceIp', record.sourceIPAddress)
  }
}

const PRINCIPAL_TYPES: { readonly [type: string]: string } = {
  IAMUser: 'User',
  AssumedRole: 'AssumedRole',
  Root: 'Account',
  FederatedUser: 'FederatedUser',
}

function addPrincipalKeys(identity: UserIdentity, add: AddKey): void {
  const type =
    identity.type === null || !Object.hasOwn(PRINCIPAL_TYPES, identity.type) ? null : PRINCIPAL_TYPES[identity.type]
  if (type === null) return
  add('aws:PrincipalType', type)
  add('aws:PrincipalAccount', identity.accountId)
  add('aws:userid', identity.principalId)
  if (identity.type === 'IAMUser') add('aws:username', identity.userName)
}

/** For example "AWS Internal": a service made the call, and the event does not name it. */
function viaFacts({ invokedBy }: UserIdentity, via: string | null): [string, ContextFact][] {
  const unseen = (why: string): [string, ContextFact][] =>
    ['aws:viaawsservice', 'aws:calledvia', 'aws:calledviafirst', 'aws:calledvialast'].map(key => [key, unknownKey(why)])
  if (via !== null && isAgentServer(via))
    return [
      ['aws:viaawsmcpservice', present('true')],
      ['aws:calledviaawsmcp', present(via)],
      ...unseen('AWS does not say what a call through its MCP server sends'),
    ]
  if (via !== null) return [['aws:viaawsservice', present('true')]]
  if (invokedBy !== null) return unseen('the event does not name the service that made the call')
  return [
    ['aws:viaawsservice', present('false')],
    ['aws:viaawsmcpservice', present('false')],
    ['aws:calledviaawsmcp', ABSENT_KEY],
  ]
}

function sessionFacts(identity: UserIdentity, via: string | null): readonly [string, ContextFact][] {
  if (identity.type !== 'IAMUser' && identity.type !== 'AssumedRole') return []
  const facts = viaFacts(identity, via)
  if (identity.type === 'AssumedRole') facts.push(['aws:username', ABSENT_KEY])
  const session = identity.sessionContext
  if (session === null) {
    // Long-term keys have no session, so session keys are absent from the request.
    if (identity.accessKeyId?.startsWith('AKIA') === true) {
      facts.push(['aws:multifactorauthpresent', ABSENT_KEY], ['aws:multifactorauthage', ABSENT_KEY])
      facts.push(['aws:tokenissuetime', ABSENT_KEY], ['aws:sourceidentity', ABSENT_KEY])
    }
    return facts
  }
  const mfa = session.attributes?.mfaAuthenticated
  if (mfa === 'true' || mfa === 'false') facts.push(['aws:multifactorauthpresent', present(mfa)])
  if (mfa === 'false') facts.push(['aws:multifactorauthage', ABSENT_KEY])
  if (session.ec2RoleDelivery !== null) facts.push(['ec2:roledelivery', present(session.ec2RoleDelivery)])
  if (session.attributes?.creationDate) facts.push(['aws:tokenissuetime', present(session.attributes.creationDate)])
  if (session.sourceIdentity !== null) facts.push(['aws:sourceidentity', present(session.sourceIdentity)])
  const provider = session.webIdFederationData?.federatedProvider
  if (provider) facts.push(['aws:federatedprovider', present(provider)])
  return facts
}

/** Keys from the call's parameters, if CloudTrail recorded them. */
function addParameterKeys(record: CloudTrailRecord, action: DeniedAction, resource: string | null, add: AddKey): void {
  const parameter = (name: string): string | null => {
    const value = valuesAt(record.requestParameters, name)[0]?.value
    return typeof value === 'string' && value.length <= 2_048 ? value : null
  }
  const sent = descriptorOf(action).contextOf({ eventSource: record.eventSource, resource, parameter })
  for (const [key, value] of Object.entries(sent)) add(key, value)
}

function accountOf(resource: string): string | null {
  const accountId = parseArn(resource)?.accountId ?? ''
  return /^\d{12}$/.test(accountId) ? accountId : null
}
