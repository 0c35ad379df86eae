/**
 * Parses outside JSON into a policy document. Refuses whatever the grammar does not know, so that nothing is evaluated or
 * written back without being understood.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */

import { fail, ok, perObject, type Result } from '../../base/index.ts'
import type { PolicyDocument, Statement } from './policy-document.ts'

type Members = { readonly [key: string]: unknown }
/** What is wrong with an element. Null: nothing. */
type Complaint = string | null

const DOCUMENT = ['Version', 'Id', 'Statement']
const PRINCIPALS = ['AWS', 'Service', 'Federated', 'CanonicalUser']
const VERSIONS = ['2012-10-17', '2008-10-17']

/**
 * Parses a policy document from an object, JSON text, or URL-encoded JSON text as IAM's API returns it. The error is one
 * sentence for people. The same object gives the same document, so that its compiled form is reused.
 */
export function parsePolicy(input: unknown): Result<PolicyDocument, string> {
  if (typeof input === 'string') {
    const read = readText(input)
    return read.ok ? documentIn(read.value.given, read.value.mayBeWild) : read
  }
  return typeof input === 'object' && input !== null ? parsedOnce(input) : documentIn(input, true)
}

const parsedOnce = perObject((input: object) => documentIn(input, true))

/** `mayBeWild`: false if no text of the document has a wildcard before its first colon. */
function documentIn(document: unknown, mayBeWild: boolean): Result<PolicyDocument, string> {
  if (!isMembers(document)) return fail('a policy is a JSON object')
  const stranger = strangerIn(document, DOCUMENT)
  if (stranger !== null) return fail(`${quote(stranger)} is not an element of a policy`)
  const { Version, Id, Statement: stated } = document
  if (Version !== undefined && !VERSIONS.includes(Version as string))
    return fail(`Version ${quote(Version)} is not known`)
  if (Id !== undefined && typeof Id !== 'string') return fail('Id is not a text')
  if (stated === undefined) return fail('the policy has no Statement')
  const statements: readonly unknown[] = Array.isArray(stated) ? stated : [stated]
  for (let index = 0; index < statements.length; index += 1) {
    const complaint = aboutStatement(statements[index], mayBeWild)
    if (complaint !== null) return fail(`Statement ${index}: ${complaint}`)
  }
  return ok({ ...document, Statement: statements as readonly Statement[] })
}

function readText(text: string): Result<{ readonly given: unknown; readonly mayBeWild: boolean }, string> {
  try {
    const json = !text.startsWith('{') && /^\s*%7B/i.test(text) ? decodeURIComponent(text) : text
    return ok({ given: JSON.parse(json), mayBeWild: mayHaveWildService(json) })
  } catch {
    return fail('the policy is not JSON')
  }
}

/** Goes through the members once: asking objects of many shapes for nine members takes longer. */
function aboutStatement(statement: unknown, mayBeWild: boolean): Complaint {
  if (!isMembers(statement)) return 'it is not a JSON object'
  let Sid: unknown
  let Effect: unknown
  let Action: unknown
  let NotAction: unknown
  let Resource: unknown
  let NotResource: unknown
  let Principal: unknown
  let NotPrincipal: unknown
  let Condition: unknown
  for (const key in statement) {
    const value = statement[key]
    switch (key) {
      case 'Sid':
        Sid = value
        break
      case 'Effect':
        Effect = value
        break
      case 'Action':
        Action = value
        break
      case 'NotAction':
        NotAction = value
        break
      case 'Resource':
        Resource = value
        break
      case 'NotResource':
        NotResource = value
        break
      case 'Principal':
        Principal = value
        break
      case 'NotPrincipal':
        NotPrincipal = value
        break
      case 'Condition':
        Condition = value
        break
      default:
        return `${quote(key)} is not an element of a statement`
    }
  }
  if (Sid !== undefined && typeof Sid !== 'string') return 'Sid is not a text'
  if (Effect !== 'Allow' && Effect !== 'Deny') return `Effect is ${quote(Effect)}, neither "Allow" nor "Deny"`
  return (
    aboutPair('Action', Action, NotAction, true, mayBeWild ? aboutActions : aboutTexts) ??
    aboutPair('Resource', Resource, NotResource, false, aboutTexts) ??
    aboutPair('Principal', Principal, NotPrincipal, false, aboutPrincipal) ??
    (Condition === undefined ? null : aboutCondition(Condition))
  )
}

function aboutPair(
  name: string,
  given: unknown,
  notGiven: unknown,
  needed: boolean,
  about: (value: unknown) => Complaint,
): Complaint {
  if (given !== undefined && notGiven !== undefined) return `it has both ${name} and Not${name}`
  const value = given === undefined ? notGiven : given
  if (value === undefined) return needed ? `it has neither ${name} nor Not${name}` : null
  const complaint = about(value)
  return complaint === null ? null : `${given === undefined ? 'Not' : ''}${name} ${complaint}`
}

function aboutTexts(value: unknown): Complaint {
  if (typeof value === 'string') return null
  if (!Array.isArray(value)) return 'is neither a text nor a list of texts'
  for (let at = 0; at < value.length; at += 1)
    if (typeof value[at] !== 'string') return 'lists something that is not a text'
  return null
}

/** IAM's own words: "Action vendors (e.g., aws, ec2, etc.) must not contain wildcards." It accepts `*` and `*:*`. */
function aboutActions(value: unknown): Complaint {
  const complaint = aboutTexts(value)
  if (complaint !== null) return complaint
  const wild =
    typeof value === 'string' ? (hasWildService(value) ? value : null) : wildAmong(value as readonly string[])
  return wild === null ? null : `${quote(wild)} has a wildcard in the service, which IAM refuses`
}

function wildAmong(actions: readonly string[]): string | null {
  for (let at = 0; at < actions.length; at += 1) {
    const action = actions[at] as string
    if (hasWildService(action)) return action
  }
  return null
}

/**
 * Whether a text of this JSON may have a wildcard before its first colon. Where none has, its actions need not be looked at one
 * by one: AWS's managed policies have thousands of them.
 */
function mayHaveWildService(json: string): boolean {
  if (json.includes('\\') || json.includes('?')) return true
  // A wildcard of valid JSON is inside a text, of which the first one decides.
  let star = json.indexOf('*')
  while (star !== -1) {
    if (json.charCodeAt(star + 1) === QUOTE) {
      star = json.indexOf('*', star + 2)
      continue
    }
    const end = json.indexOf('"', star)
    let at = star - 1
    while (json.charCodeAt(at) !== QUOTE && json.charCodeAt(at) !== COLON) at -= 1
    if (json.charCodeAt(at) === QUOTE && json.slice(star, end).includes(':')) return true
    star = json.indexOf('*', end)
  }
  return false
}

function hasWildService(action: string): boolean {
  for (let at = 0; at < action.length; at += 1) {
    const code = action.charCodeAt(at)
    if (code === COLON) return false
    if (code === STAR || code === ANY) return action !== '*:*' && action.includes(':', at)
  }
  return false
}

const [STAR, ANY, COLON, QUOTE] = [0x2a, 0x3f, 0x3a, 0x22] as const

function aboutPrincipal(value: unknown): Complaint {
  if (value === '*') return null
  if (!isMembers(value)) return 'is neither "*" nor an object'
  const stranger = strangerIn(value, PRINCIPALS)
  if (stranger !== null) return `has a type ${quote(stranger)} that is not known`
  for (const [type, names] of Object.entries(value)) {
    const complaint = aboutTexts(names)
    if (complaint !== null) return `${type} ${complaint}`
  }
  return null
}

function aboutCondition(value: unknown): Complaint {
  if (!isMembers(value)) return 'Condition is not an object'
  for (const operator in value) {
    const keys = value[operator]
    if (!isMembers(keys)) return `Condition ${quote(operator)} is not an object`
    for (const key in keys) {
      if (!isConditionValue(keys[key]))
        return `Condition ${quote(operator)} has a value of ${quote(key)} that is not a text, number or boolean`
    }
  }
  return null
}

const isConditionValue = (value: unknown): boolean => (Array.isArray(value) ? value.every(isScalar) : isScalar(value))

const isScalar = (value: unknown): boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function strangerIn(members: Members, elements: readonly string[]): string | null {
  for (const key of Object.keys(members)) if (!elements.includes(key)) return key
  return null
}

/** Quotes outside text, with bounded length. */
function quote(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : `of type ${typeof value}`
}
