import { descriptorOf } from '../../actions/index.ts'
import { type ContextFacts, parseArn, parseRoleArn, present } from '../../iam/index.ts'
import { digest, partitionOfArns } from '../cloudtrail/denial-facts.ts'
import { principalNamed, UNKNOWN_PRINCIPAL } from '../cloudtrail/denied-principal.ts'
import type { Denial, Principal, TextHints } from '../denial.ts'
import { type ApiCall, passedService } from '../passed-service/passed-service.ts'
import { sendsSourceAccount } from '../passed-service/source-account.ts'
import { arnAt } from './arn-in-text.ts'
import { NO_CALL } from './call-from-text.ts'
import type { DenialSentence } from './message-grammar.ts'

/** A denial from a text alone. `call` and `hints` come from the text around the sentence. */
export function denialFromMessage(sentence: DenialSentence, call: ApiCall, hints: TextHints): Denial {
  const principal = principalOfMessage(sentence)
  const { resource, unread, fromLog } = roleOf(sentence, hints)
  const partition = partitionOfArns([resource, principal.arn])
  const { passesRoles } = descriptorOf(sentence.action)
  const isRole = resource !== null && parseArn(resource)?.resource.startsWith('role/') === true
  return {
    id: digest(sentence.text),
    source: 'message',
    timeMs: null,
    accountId: principal.accountId,
    region: sentence.region,
    partition,
    action: sentence.action,
    principal,
    resource,
    ...(unread === null ? {} : { unread }),
    hints,
    ...(fromLog ? { roleFromLog: true } : {}),
    reason: sentence.reason,
    reasonPolicyArn: sentence.policyArn,
    authorizationId: sentence.authorizationId,
    encodedMessage: sentence.encodedMessage,
    call: passesRoles || principal.kind === 'service' ? call : NO_CALL,
    via: null,
    passes:
      passesRoles && isRole && resource !== null
        ? [{ arn: resource, parameter: null, service: passedService(call, null, partition) }]
        : [],
    claims: null,
    context: { ...contextOf(sentence, resource, hints), ...sourceOf(principal, resource, call) },
    awsEvaluation: null,
    message: sentence.text,
  }
}

function contextOf({ action }: DenialSentence, resource: string | null, { linkedService }: TextHints): ContextFacts {
  const { contextOf: ofCall, serviceKey } = descriptorOf(action)
  const sent = Object.entries(ofCall({ eventSource: null, resource, parameter: () => null }))
  const known = sent.flatMap(([key, value]) => (value === null ? [] : [[key, value] as const]))
  const linked = serviceKey === 'iam:AWSServiceName' && linkedService !== null && known.length === 0
  const facts = linked ? [[serviceKey, linkedService] as const] : known
  return Object.fromEntries(facts.map(([key, value]) => [key.toLowerCase(), present(value)]))
}

/** The account for which a service acts, where it sends it. */
function sourceOf({ kind, name }: Principal, resource: string | null, { eventName }: ApiCall): ContextFacts {
  const account = parseRoleArn(resource ?? '')?.accountId ?? ''
  const sends = kind === 'service' && name !== null && account !== '' && sendsSourceAccount(name, eventName)
  return sends ? { 'aws:sourceaccount': present(account) } : {}
}

/** The role of the sentence; if it names none, the role of a setting next to it. */
function roleOf(
  { resource, unread, action }: DenialSentence,
  { roleBeside }: TextHints,
): Pick<DenialSentence, 'resource' | 'unread'> & { readonly fromLog: boolean } {
  const isHidden = unread !== null && unread.kind !== 'malformed' && unread.kind !== 'cut'
  return resource === null && isHidden && roleBeside !== null && descriptorOf(action).target.mustExist
    ? { resource: roleBeside, unread: null, fromLog: true }
    : { resource, unread, fromLog: false }
}

function principalOfMessage(sentence: DenialSentence): Principal {
  if (sentence.reason === 'root-cannot-assume') return { ...UNKNOWN_PRINCIPAL, kind: 'root' }
  if (sentence.subject !== null) return named(sentence.subject)
  const { caller } = descriptorOf(sentence.action)
  return caller === 'principal' ? UNKNOWN_PRINCIPAL : { ...UNKNOWN_PRINCIPAL, kind: caller }
}

/** Without its name where dots are in the place of a part of it: what is left may be the name of another. */
function named(subject: string): Principal {
  const principal = principalNamed(subject)
  const { kind, accountId } = principal
  return arnAt(subject, 0)?.cut === true ? { ...UNKNOWN_PRINCIPAL, kind, accountId } : principal
}
