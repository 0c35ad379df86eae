/** Finds the sentences of the front door in a text of any length, in time linear in what it reads. */
import { descriptorOf } from '../../actions/index.ts'
import { withoutTrailing } from '../../base/index.ts'
import type { Denial } from '../denial.ts'
import { withoutSharedPrefixes, withoutStamps } from '../logs/line-prefixes.ts'
import { plainText } from '../message/plain-text.ts'
import { CDK_FORMS } from './cdk.ts'
import { COGNITO_FORMS } from './cognito.ts'
import { CREDENTIAL_FORMS } from './credentials.ts'
import { EXPIRED_FORMS } from './expired.ts'
import { GITHUB_FORMS } from './github-actions.ts'
import type { Hint, HintForm, HintNames, HintSubject } from './hint.ts'
import { IDENTITY_CENTER_FORMS } from './identity-center.ts'
import { INVALID_FORMS } from './invalid-credentials.ts'
import { MFA_FORMS } from './mfa.ts'
import { POD_FORMS } from './pods.ts'
import { SAML_FORMS } from './saml.ts'
import { SERVICE_FORMS } from './services.ts'
import { SESSION_FORMS } from './sessions.ts'
import { CUT_FORMS } from './unclear/cut-refusals.ts'
import { UNCLEAR_SERVICE_FORMS } from './unclear/trust-or-permissions.ts'
import { WEB_IDENTITY_FORMS } from './web-identity.ts'

/** In order of precedence: of two sentences at one place, the first is the more particular. */
export const HINT_FORMS: readonly HintForm[] = [
  ...WEB_IDENTITY_FORMS,
  ...COGNITO_FORMS,
  ...GITHUB_FORMS,
  ...POD_FORMS,
  ...SAML_FORMS,
  ...IDENTITY_CENTER_FORMS,
  ...MFA_FORMS,
  ...SESSION_FORMS,
  ...EXPIRED_FORMS,
  ...CDK_FORMS,
  ...INVALID_FORMS,
  ...CREDENTIAL_FORMS,
  ...SERVICE_FORMS,
  ...UNCLEAR_SERVICE_FORMS,
  ...CUT_FORMS,
]

/** A failed command ends with its error: of a longer text, the beginning and the end are read. */
const HEAD_CHARS = 1_000_000
const TAIL_CHARS = 4_000_000
const BEFORE_CHARS = 300
const AFTER_CHARS = 1_400
/** Per word. A flood of one sentence says no more than its first lines. */
const MAX_READS = 200
const MAX_HINTS = 8
const MAX_NAME_CHARS = 200
/** Two sentences this near are about one failure. */
const SAME_FAILURE_CHARS = 1_000

/** Beside denials a hint is shown only if it explains one of them. */
export const hintsBeside = (hints: readonly Hint[], denials: readonly Pick<Denial, 'action'>[]): readonly Hint[] =>
  denials.length === 0
    ? hints
    : hints.filter(({ explains }) => denials.some(({ action }) => descriptorOf(action).caller === explains))

/** Subjects whose sentences are of faults of their own. */
const MANY_FAULTS: ReadonlySet<HintSubject> = new Set(['service-cannot-assume', 'sts-request', 'other'])

/** At most eight, in the order of the text; one for each subject and issuer, or for each sentence of such a subject. */
export function findHints(text: string): readonly Hint[] {
  const flat = onOneLine(text)
  const found: (Hint & { readonly at: number; readonly end: number; readonly form: HintForm })[] = []
  for (const form of HINT_FORMS) {
    for (const { at, match } of matchesOf(form, flat.text)) {
      const end = at + match[0].length
      if (found.some(one => at < one.end && one.at < end)) continue
      const names = namesIn(match)
      const issuer = issuerIn(names)
      const isSame = (one: (typeof found)[number]) =>
        MANY_FAULTS.has(form.subject) ? one.form === form : one.subject === form.subject
      if (found.some(one => isSame(one) && (issuer === null || one.issuer === issuer))) continue
      found.push({ ...hintOf(form, names, issuer), line: flat.lineAt(at), at, end, form })
    }
  }
  return found
    .filter(one => one.subject !== 'no-credentials' || !found.some(other => isCauseOf(other, one)))
    .toSorted((a, b) => a.at - b.at)
    .slice(0, MAX_HINTS)
    .map(({ at: _, end: __, form: ___, ...hint }) => hint)
}

/** That there are no credentials is what SDKs report last, after the reason. */
const isCauseOf = (cause: Place, result: Place): boolean =>
  cause.subject !== 'no-credentials' && Math.abs(cause.at - result.at) <= SAME_FAILURE_CHARS

type Place = Pick<Hint, 'subject'> & { readonly at: number }

/** What is wrong with the provider or its tokens is wrong for each call of such a caller. */
const CALLERS: { readonly [subject in HintSubject]?: Hint['explains'] } = {
  ...{ 'no-oidc-provider': 'web-identity', audience: 'web-identity', 'provider-certificate': 'web-identity' },
  ...{ 'provider-unreachable': 'web-identity', saml: 'saml' },
}

function hintOf(form: HintForm, names: HintNames, issuer: string | null): Omit<Hint, 'line'> {
  const { subject, meaning, next, explains = CALLERS[subject] ?? null } = form
  return {
    ...{ subject, issuer, explains },
    meaning: typeof meaning === 'string' ? meaning : meaning(names),
    next: typeof next === 'function' ? next(names) : next,
  }
}

function* matchesOf({ word, form, unless }: HintForm, text: string) {
  let [reads, from] = [0, 0]
  for (let at = text.indexOf(word); at !== -1 && reads < MAX_READS; at = text.indexOf(word, at + word.length)) {
    reads += 1
    const start = Math.max(from, at - BEFORE_CHARS)
    const stretch = text.slice(start, at + AFTER_CHARS)
    const match = form.exec(stretch)
    if (match === null || unless?.test(stretch) === true) continue
    from = start + match.index + match[0].length
    yield { at: start + match.index, match }
  }
}

function namesIn({ groups = {} }: RegExpExecArray): HintNames {
  return Object.fromEntries(
    Object.entries(groups).map(([name, value]) => [
      name,
      value === undefined ? value : withoutTrailing(value.slice(0, MAX_NAME_CHARS), '.,;:)]'),
    ]),
  )
}

const ISSUER = /^https:\/\/[\w.-]{1,120}(?::\d{1,5})?(?:\/[\w./-]{0,120})?$/

function issuerIn({ issuer }: HintNames): string | null {
  return issuer !== undefined && ISSUER.test(issuer) ? issuer.replace(/\/$/, '') : null
}

/** Most lines of a log, which need no conversion. */
const PLAIN_LINE = /^[\w ,.:;=()/'"@#%+-]*$/

/** Without colours, escapes, frames and stamps; lines are joined by one space, so that a wrapped sentence is whole. */
function onOneLine(whole: string): { readonly text: string; readonly lineAt: (at: number) => number } {
  const [head, tail] = parts(whole)
  const lines = withoutSharedPrefixes(head).split('\n')
  const firstOfTail = lines.length + countLines(whole, head.length, whole.length - tail.length)
  const texts: string[] = []
  const numbers: number[] = []
  const starts: number[] = []
  let length = 0
  const add = (line: string, number: number) => {
    const text = line === '' ? '' : oneLineText(line)
    if (text === '') return
    texts.push(text)
    numbers.push(number)
    starts.push(length)
    length += text.length + 1
  }
  for (const [index, line] of lines.entries()) add(line, index + 1)
  if (tail !== '')
    for (const [index, line] of withoutSharedPrefixes(tail).split('\n').entries()) add(line, firstOfTail + index)
  return { text: texts.join(' '), lineAt: at => numbers[lastNotAfter(starts, at)] ?? 1 }
}

function oneLineText(line: string): string {
  const text = withoutStamps(line)
  const plain = PLAIN_LINE.test(text) ? text : plainText(text)
  return plain.replace(/\s+/g, ' ').trim()
}

function parts(text: string): readonly [head: string, tail: string] {
  if (text.length <= HEAD_CHARS + TAIL_CHARS) return [text, '']
  return [text.slice(0, HEAD_CHARS), text.slice(text.length - TAIL_CHARS)]
}

/** Line breaks between two places. */
function countLines(text: string, from: number, to: number): number {
  let count = 0
  for (let at = text.indexOf('\n', from); at !== -1 && at < to; at = text.indexOf('\n', at + 1)) count += 1
  return count
}

function lastNotAfter(starts: readonly number[], at: number): number {
  let [low, high] = [0, starts.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((starts[middle] ?? 0) <= at) low = middle
    else high = middle - 1
  }
  return low
}
