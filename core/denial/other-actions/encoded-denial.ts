/** A permission that only an encoded message names. Part of EC2's answers, and decoded by AWS for the account that it was made in. */
import { neutralText } from '../../base/index.ts'
import type { DecodedEvaluation } from '../denial.ts'
import { readMessage } from '../message/message-grammar.ts'
import type { OtherDenial } from './other-denial.ts'
import { errorEnd } from './other-denials.ts'

/** A terminal breaks a long message. */
const MAX_LINES = 3
const MAX_CHARS = 24_000

/** The whole message at the line of a refusal, before the next error. Null: there is none, it is cut, or the text names the action. */
export function encodedAt(text: string, line: number): string | null {
  const lines = text.split('\n', line + MAX_LINES).slice(Math.max(0, line - 1))
  const [first = '', ...others] = lines
  const behind = others.map(one => `\n${one}`).join('')
  const read = readMessage(neutralText(`${first}${behind.slice(0, errorEnd(behind))}`.slice(0, MAX_CHARS)))
  return read.kind === 'encoded-only' && !read.encoded.cut ? read.encoded.blob : null
}

const ACTION = /^[a-z0-9-]{1,60}:[A-Za-z0-9]{1,100}$/

/** Null: AWS allowed it, or who was denied is not named. */
export function denialOfEvaluation(
  evaluation: DecodedEvaluation,
): Pick<OtherDenial, 'action' | 'principal' | 'resource' | 'isExplicit' | 'layer' | 'policyArn'> | null {
  const { allowed, action, principal, resource, explicitDeny } = evaluation
  if (allowed || action === null || principal === undefined || !ACTION.test(action)) return null
  return { action, principal, resource, isExplicit: explicitDeny, layer: 'unknown', policyArn: null }
}
