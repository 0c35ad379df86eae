import { descriptorOf } from '../../actions/actions.ts'
import { parseRoleArn } from '../../iam/arn.ts'
import { present } from '../../iam/conditions/context.ts'
import { digest, partitionOf } from '../cloudtrail/denial-facts.ts'
import { principalNamed, UNKNOWN_PRINCIPAL } from '../cloudtrail/denied-principal.ts'
import type { Denial, Principal } from '../denial.ts'
import { type Call, passedService } from '../passed-service/passed-service.ts'
import type { DenialSentence } from './message-grammar.ts'

const NO_CALL: Call = { eventSource: null, eventName: null }

/** A denial of which nothing but the text is known. `call`: as the text around the sentence says, where it does. */
export function denialFromMessage(sentence: DenialSentence, call: Call = NO_CALL): Denial {
  const principal = principalOfMessage(sentence)
  const partition = partitionOf([sentence.resource, principal.arn])
  const descriptor = descriptorOf(sentence.action)
  const sent = descriptor.contextOf({ eventSource: null, resource: sentence.resource, parameter: () => null })
  const isRole = sentence.resource !== null && parseRoleArn(sentence.resource) !== null
  return {
    id: digest(sentence.text),
    source: 'message',
    timeMs: null,
    accountId: principal.accountId,
    region: sentence.region,
    partition,
    action: sentence.action,
    principal,
    resource: sentence.resource,
    reason: sentence.reason,
    reasonPolicyArn: sentence.policyArn,
    authorizationId: sentence.authorizationId,
    encodedMessage: sentence.encodedMessage,
    call: descriptor.passesRoles ? call : NO_CALL,
    via: null,
    passes:
      descriptor.passesRoles && isRole && sentence.resource !== null
        ? [{ arn: sentence.resource, parameter: null, service: passedService(call, null, partition) }]
        : [],
    claims: null,
    context: Object.fromEntries(
      Object.entries(sent).flatMap(([key, value]) => (value === null ? [] : [[key.toLowerCase(), present(value)]])),
    ),
    awsEvaluation: null,
    message: sentence.text,
  }
}

function principalOfMessage(sentence: DenialSentence): Principal {
  if (sentence.reason === 'root-cannot-assume') return { ...UNKNOWN_PRINCIPAL, kind: 'root' }
  if (sentence.subject !== null) return principalNamed(sentence.subject)
  const { caller } = descriptorOf(sentence.action)
  return caller === 'principal' ? UNKNOWN_PRINCIPAL : { ...UNKNOWN_PRINCIPAL, kind: caller }
}
