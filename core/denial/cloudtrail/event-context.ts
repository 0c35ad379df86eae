import { type DeniedAction, descriptorOf } from '../../actions/index.ts'
import { parseTime } from '../../base/index.ts'
import {
  ABSENT_KEY,
  type ContextFact,
  type ContextFacts,
  parseAddress,
  parseArn,
  present,
  timeContext,
  unknownKey,
} from '../../iam/index.ts'
import { isAgentServer } from '../denial.ts'
import type { CloudTrailRecord, UserIdentity } from './cloudtrail-record.ts'
import { parameterValuesAt } from './request-parameters.ts'

/**
 * The condition keys whose value the event proves. All other keys are unknown.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
export function contextOf(
  record: CloudTrailRecord,
  action: DeniedAction,
  via: string | null,
  resource: string | null,
): ContextFacts {
  const facts: Facts = {}
  const add: AddKey = (key, value) => {
    if (value !== null && value !== undefined && value !== '') facts[key] = present(value)
  }
  const timeMs = parseTime(record.eventTime)
  if (timeMs !== null) Object.assign(facts, timeContext(timeMs))
  addRequestKeys(record, via, add)
  add('aws:resourceaccount', resource === null ? null : accountOf(resource))
  const identity = record.userIdentity
  if (identity !== null) {
    addPrincipalKeys(identity, add)
    addSessionKeys(identity, via, facts)
  }
  addParameterKeys(record, action, resource, add)
  return facts
}

/** `key`: in lower case. */
type AddKey = (key: string, value: string | null | undefined) => void
type Facts = { [keyInLowerCase: string]: ContextFact }

function addRequestKeys(record: CloudTrailRecord, via: string | null, add: AddKey): void {
  add('aws:requestedregion', record.awsRegion)
  if (record.tlsDetails?.tlsVersion) add('aws:securetransport', 'true')
  // For a call through a service, the event does not show the origin of the request.
  if (via !== null) return
  add('aws:useragent', record.userAgent)
  add('aws:sourcevpce', record.vpcEndpointId)
  if (record.sourceIPAddress !== null && parseAddress(record.sourceIPAddress) !== null) {
    add(record.vpcEndpointId === null ? 'aws:sourceip' : 'aws:vpcsourceip', record.sourceIPAddress)
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
  add('aws:principaltype', type)
  add('aws:principalaccount', identity.accountId)
  add('aws:userid', identity.principalId)
  if (identity.type === 'IAMUser') add('aws:username', identity.userName)
}

const VIA_KEYS = ['aws:viaawsservice', 'aws:calledvia', 'aws:calledviafirst', 'aws:calledvialast']

/** If `invokedBy` is, for example, "AWS Internal", a service made the call and the event does not name it. */
function addViaKeys({ invokedBy }: UserIdentity, via: string | null, facts: Facts): void {
  const unseen = (why: string) => {
    for (const key of VIA_KEYS) facts[key] = unknownKey(why)
  }
  if (via !== null && isAgentServer(via)) {
    facts['aws:viaawsmcpservice'] = present('true')
    facts['aws:calledviaawsmcp'] = present(via)
    unseen('AWS does not say what a call through its MCP server sends')
  } else if (via !== null) facts['aws:viaawsservice'] = present('true')
  else if (invokedBy !== null) unseen('the event does not name the service that made the call')
  else {
    facts['aws:viaawsservice'] = present('false')
    facts['aws:viaawsmcpservice'] = present('false')
    facts['aws:calledviaawsmcp'] = ABSENT_KEY
  }
}

function addSessionKeys(identity: UserIdentity, via: string | null, facts: Facts): void {
  if (identity.type !== 'IAMUser' && identity.type !== 'AssumedRole') return
  addViaKeys(identity, via, facts)
  if (identity.type === 'AssumedRole') facts['aws:username'] = ABSENT_KEY
  const session = identity.sessionContext
  if (session === null) {
    // Long-term keys have no session, so session keys are absent from the request.
    if (identity.accessKeyId?.startsWith('AKIA') === true) {
      facts['aws:multifactorauthpresent'] = ABSENT_KEY
      facts['aws:multifactorauthage'] = ABSENT_KEY
      facts['aws:tokenissuetime'] = ABSENT_KEY
      facts['aws:sourceidentity'] = ABSENT_KEY
    }
    return
  }
  const mfa = session.attributes?.mfaAuthenticated
  if (mfa === 'true' || mfa === 'false') facts['aws:multifactorauthpresent'] = present(mfa)
  if (mfa === 'false') facts['aws:multifactorauthage'] = ABSENT_KEY
  if (session.ec2RoleDelivery !== null) facts['ec2:roledelivery'] = present(session.ec2RoleDelivery)
  if (session.attributes?.creationDate) facts['aws:tokenissuetime'] = present(session.attributes.creationDate)
  if (session.sourceIdentity !== null) facts['aws:sourceidentity'] = present(session.sourceIdentity)
  const provider = session.webIdFederationData?.federatedProvider
  if (provider) facts['aws:federatedprovider'] = present(provider)
}

/** Keys from the call's parameters, where CloudTrail recorded them. */
function addParameterKeys(record: CloudTrailRecord, action: DeniedAction, resource: string | null, add: AddKey): void {
  const parameter = (name: string): string | null => {
    const value = parameterValuesAt(record.requestParameters, name)[0]?.value
    return typeof value === 'string' && value.length <= 2_048 ? value : null
  }
  const sent = descriptorOf(action).contextOf({ eventSource: record.eventSource, resource, parameter })
  for (const [key, value] of Object.entries(sent)) add(key.toLowerCase(), value)
}

function accountOf(resource: string): string | null {
  const accountId = parseArn(resource)?.accountId ?? ''
  return /^\d{12}$/.test(accountId) ? accountId : null
}
