/**
 * The SDK for PHP shows what Guzzle kept of an answer, its first 120 characters, and then all of it.
 * https://github.com/guzzle/psr7/blob/2.7.0/src/Message.php
 */
import { describe, expect, it } from 'vitest'
import { withoutCutAnswers } from '../../../core/denial/logs/cut-names.ts'
import { denialsInLog } from '../../../core/denial/logs/denials-in-log.ts'
import { charactersRead } from './characters-read.ts'

const ROLE = 'arn:aws:iam::111122223333:role/orders'
const CUT = ' (truncated...)'
const KEPT_CHARS = 120

const user = (letters: number): string => `arn:aws:iam::111122223333:user/${'u'.repeat(letters)}`
const sentence = (caller: string): string =>
  `User: ${caller} is not authorized to perform: iam:PassRole on resource: ${ROLE} because no identity-based policy allows the iam:PassRole action`
const answer = (caller: string): string => JSON.stringify({ Message: sentence(caller) })
const error = (caller: string, between = '\n'): string =>
  `PHP Fatal error:  Uncaught exception 'Aws\\Lambda\\Exception\\LambdaException' with message 'Error executing "CreateFunction" on "https://lambda.us-east-1.amazonaws.com/2015-03-31/functions"; AWS HTTP error: Client error: \`POST https://lambda.us-east-1.amazonaws.com/2015-03-31/functions\` resulted in a \`403 Forbidden\` response:${between}${answer(caller).slice(0, KEPT_CHARS)}${CUT}${between} AccessDeniedException (client): ${sentence(caller)} - ${answer(caller)}'`

describe('an answer that is cut, with the whole one behind it', () => {
  it('is one denial wherever the cut is, with its role and its call', () => {
    for (let letters = 1; letters <= 64; letters += 1) {
      const found = denialsInLog(error(user(letters))).denials
      expect(found.map(({ denial, line }) => [denial.resource, denial.call.eventName, line])).toEqual([
        [ROLE, 'CreateFunction20150331', 3],
      ])
    }
  })

  it('is one also where a form has put all into one line', () => {
    const found = denialsInLog(error(user(6), ' ')).denials
    expect(found.map(({ denial }) => denial.resource)).toEqual([ROLE])
  })

  it('hides no denial before the answer', () => {
    const other = sentence(user(3)).replace('role/orders', 'role/billing')
    const found = denialsInLog(`${other}\n${error(user(6))}`).denials
    expect(found.map(({ denial }) => denial.resource)).toEqual([`${ROLE.replace('orders', 'billing')}`, ROLE])
  })
})

describe('an answer that is cut, with nothing behind it', () => {
  it.each(['', '\n\nFatal error: Uncaught exception', '\n in RequestException.php:113'])('is read: %j', behind => {
    const cut = `resulted in a \`403 Forbidden\` response:\n${answer(user(3)).slice(0, KEPT_CHARS)}${CUT}${behind}`
    const found = denialsInLog(cut).denials
    expect(found.map(({ denial }) => [denial.principal.arn, denial.resource])).toEqual([[user(3), null]])
  })

  it('costs no more than linear work', () => {
    const readOf = (times: number) =>
      charactersRead(() => withoutCutAnswers(`response:${CUT}\n AccessDenied (client): x`.repeat(times)))
    expect(readOf(4_000) / readOf(1_000)).toBeLessThan(4.5)
  })
})

/**
 * The library of many custom resources keeps the end of a long reason.
 * https://github.com/aws-cloudformation/custom-resource-helper/blob/25c5766a8f0a541682583be528257f380c80ec7a/crhelper/resource_helper.py
 */
describe('a reason of a custom resource that lacks its beginning', () => {
  const SESSION = 'arn:aws:sts::111122223333:assumed-role/orders-resource-role/orders-resource'
  const whole = `An error occurred (AccessDeniedException) when calling the CreateFunction operation: ${sentence(SESSION)}`
  const reason = (from: number): string =>
    `CREATE_FAILED | Custom::Orders | Received response status [FAILED] from custom resource. Message returned: ERROR: (truncated) ${whole.slice(from)} (RequestId: 4145bba4-1c82-4b88-bc2b-9ed0b9120332)`

  it('names its role, and the caller only where all of its ARN is left', () => {
    const starts = Array.from({ length: whole.indexOf('ot authorized') }, (_, from) => from)
    const callers = starts.map(from => {
      const { denials } = denialsInLog(reason(from))
      expect([from, denials.map(({ denial }) => denial.resource)]).toEqual([from, [ROLE]])
      const { arn, name } = denials[0]?.denial.principal ?? {}
      return arn ?? name ?? null
    })
    const wholeUntil = whole.indexOf(SESSION)
    expect(callers).toEqual(starts.map(from => (from <= wholeUntil ? SESSION : null)))
  })
})
