import { type DeniedAction, descriptorOf } from '../../actions/index.ts'
import { present } from '../../iam/index.ts'
import type { Denial, FederatedClaims } from '../denial.ts'
import { readErrorMessage } from '../message/message-grammar.ts'
import type { CloudTrailRecord } from './cloudtrail-record.ts'
import {
  assumedRole,
  MAX_CLOUDTRAIL_MESSAGE_CHARS,
  partitionOfArns,
  recordFields,
  untruncated,
} from './denial-facts.ts'
import { deniedPrincipal, UNKNOWN_PRINCIPAL } from './denied-principal.ts'
import { contextOf } from './event-context.ts'

export function federatedDenial(record: CloudTrailRecord, byName: DeniedAction, text: string): Denial {
  const read = readErrorMessage(text)
  const sentence = read.kind === 'ours' ? read.sentence : null
  const resource = untruncated(sentence?.resource ?? null, record.errorMessage ?? '') ?? assumedRole(record)
  const claims = claimsOf(record)
  const host = claims.provider?.replace(/^arn:[^/]*:oidc-provider\/|^https:\/\//, '').toLowerCase()
  const oidc = descriptorOf(byName).caller === 'web-identity' && host !== undefined ? claims : null
  return {
    ...recordFields(record),
    principal: record.userIdentity === null ? UNKNOWN_PRINCIPAL : deniedPrincipal(record.userIdentity),
    via: null,
    action: sentence?.action ?? byName,
    partition: partitionOfArns([resource, claims.provider]),
    resource,
    reason: sentence?.reason ?? 'none-given',
    reasonPolicyArn: untruncated(sentence?.policyArn ?? null, record.errorMessage ?? ''),
    authorizationId: sentence?.authorizationId ?? null,
    encodedMessage: null,
    passes: [],
    claims,
    context: {
      ...contextOf(record, sentence?.action ?? byName, null, resource),
      ...(oidc?.subject ? { [`${host}:sub`]: present(oidc.subject) } : {}),
      ...(oidc?.audience ? { [`${host}:aud`]: present(oidc.audience) } : {}),
    },
    message: (sentence?.text ?? text).slice(0, MAX_CLOUDTRAIL_MESSAGE_CHARS),
  }
}

/**
 * For OpenID Connect, principalId is `<provider>:<audience>:<subject>`. For SAML, identityProvider is a hash of issuer, account
 * and provider, and only the request parameter names the provider.
 */
function claimsOf(record: CloudTrailRecord): FederatedClaims {
  const identity = record.userIdentity
  const provider =
    identity?.type === 'SAMLUser' ? samlProvider(record) : (identity?.identityProvider ?? samlProvider(record))
  const subject = identity?.userName ?? null
  const whole = identity?.principalId ?? ''
  const between =
    provider !== null && subject !== null && whole.startsWith(`${provider}:`) && whole.endsWith(`:${subject}`)
      ? whole.slice(provider.length + 1, -subject.length - 1)
      : ''
  return { provider, subject, audience: between === '' ? null : between }
}

function samlProvider(record: CloudTrailRecord): string | null {
  const named = record.requestParameters?.['principalArn']
  return typeof named === 'string' && /^arn:[^:]+:iam::\d{12}:saml-provider\//.test(named) ? named : null
}
