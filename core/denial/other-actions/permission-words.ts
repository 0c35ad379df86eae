/** Sentences that name a missing permission in other words than AWS's "is not authorized to perform". */
import { publishedAction } from '../../service-actions/index.ts'
import { type RefusedCall, UNNAMED } from './other-denial.ts'
import { prefixOfSdk } from './prefixes.ts'

/** `action`: null where AWS publishes no such action, and the words name a call. */
type Permission = {
  readonly action: string | null
  readonly call: RefusedCall | null
  readonly resource: string | null
  readonly principal: string | null
}

export type NamedPermission = Permission & { readonly at: number; readonly end: number }

/** `isPlain`: the words alone report no refusal by AWS. */
type Form = { readonly form: RegExp; readonly isPlain: boolean; readonly read: (match: RegExpExecArray) => Permission }

/**
 * CloudFormation names this operation as the SDK for Java did. CloudTrail has it under its own name:
 * https://github.com/aws-amplify/amplify-hosting/issues/3014
 */
const OPERATIONS: { readonly [name: string]: string } = { SetBucketEncryption: 'PutBucketEncryption' }

const named = (
  prefix: string,
  name: string,
  resource: string | null = null,
  principal: string | null = null,
): Permission => {
  // CloudFormation names some services as the SDK does: https://github.com/vumdao/aws-force-mfa-enabled
  const action = publishedAction(`${prefix}:${name}`) ?? publishedAction(`${prefixOfSdk(prefix) ?? prefix}:${name}`)
  const operation = `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`
  return {
    action,
    call: { service: prefix.toLowerCase(), operation: OPERATIONS[operation] ?? operation },
    resource,
    principal,
  }
}

/** A blank of the sentence, where a terminal may have broken it. */
const words = (source: string): string => source.replaceAll(' ', String.raw`\s{1,200}`)

const ACTION = String.raw`["'\`]?(?:([a-z0-9-]{2,40}):|(s3)\.)([A-Za-z]{2,80})\b`
const FORMS: readonly Form[] = [
  {
    // KMS, Systems Manager, Organizations.
    form: new RegExp(
      words(
        String.raw`\b(?:don't|doesn't|do not|does not) have (?:(?:the|any|required|sufficient) ){0,2}(?:(?:IAM )?permissions? )?(?:to (?:call|perform|invoke|use|execute) |for )?(?:(?:the|action) )?${ACTION}`,
      ),
      'g',
    ),
    isPlain: false,
    read: ([, prefix, dotted, name = '']) => named(prefix ?? dotted ?? '', name),
  },
  {
    form: new RegExp(
      words(
        String.raw`\b(?:lacks?|is missing|missing) (?:(?:the|any|required|sufficient) ){0,2}(?:(?:IAM )?permissions? )?(?:to (?:call|perform|invoke|use|execute) |for )?(?:(?:the|action) )?${ACTION}`,
      ),
      'g',
    ),
    isPlain: true,
    read: ([, prefix, dotted, name = '']) => named(prefix ?? dotted ?? '', name),
  },
  {
    form: new RegExp(
      words(
        String.raw`\b(?:requires?|needs?|must have|should have) (?:the )?(?:permissions? (?:to|for) (?:(?:call|perform) )?)?["'\`]?([a-z0-9-]{2,40}):([A-Z][A-Za-z]{1,80})["'\`]? (?:permission|action|on)\b`,
      ),
      'g',
    ),
    isPlain: true,
    read: ([, prefix = '', name = '']) => named(prefix, name),
  },
  {
    // Lambda, of what the caller's credentials must read for it, or of the execution role.
    form: new RegExp(
      words(
        String.raw`access has been denied by ([A-Z][A-Za-z0-9]{1,20}), please make sure your (?:request credentials|function (execution role)) (?:have|has) permission to ([A-Z][A-Za-z]{2,60})(?: for (\S{1,800}?))?\. [A-Z][A-Za-z0-9]{1,20} Error Code`,
      ),
      'g',
    ),
    isPlain: false,
    read: ([, service = '', role, name = '', resource]) =>
      named(service, name, resource ?? null, role === undefined ? null : UNNAMED.executionRole),
  },
  {
    // Lambda, of the execution role.
    form: new RegExp(
      words(
        String.raw`execution role does not have permissions to call ([A-Z][A-Za-z]{2,60}) on ([A-Z][A-Za-z0-9]{1,20})\b`,
      ),
      'g',
    ),
    isPlain: false,
    read: ([, name = '', service = '']) => named(service, name, null, UNNAMED.executionRole),
  },
  {
    // CloudFormation's older handlers.
    form: /\bAPI: ([a-z0-9-]{2,40}):([A-Za-z]{2,80})\b(?=[^\n]{0,40}?(?:Access Denied|[Nn]ot authorized))(?![^\n]{0,60}(?:User: |for images))/g,
    isPlain: false,
    read: ([, prefix = '', name = '']) => named(prefix, name),
  },
]

/** Something was refused, and AWS says so. */
const REFUSED =
  /AccessDenied|UnauthorizedOperation|[Nn]ot authorized|Status ?Code: 4\d\d|status code: 4\d\d|\(403\)|AuthorizationError|KMSAccessDenied/
/** How far from the words AWS's own sign may be. */
const NEAR_CHARS = 300
/** Lines that tell what is done, and no failure. */
const REPORTED = /(?:^|[\s[])(?:INFO|DEBUG|NOTICE|TRACE|WARN(?:ING)?)\b[^\n]{0,200}$/i

/** `most`: of each form. */
export function permissionsIn(text: string, most: number): readonly NamedPermission[] {
  const found: NamedPermission[] = []
  for (const { form, isPlain, read } of FORMS) {
    form.lastIndex = 0
    let count = 0
    for (let match = form.exec(text); match !== null && count < most; match = form.exec(text), count += 1)
      push(found, read(match), match.index, match.index + match[0].length, isPlain, text)
  }
  return found.toSorted((a, b) => a.at - b.at)
}

function push(
  found: NamedPermission[],
  permission: Permission,
  at: number,
  end: number,
  isPlain: boolean,
  text: string,
): void {
  const isCall = !isPlain && text.startsWith('API: ', at)
  if (permission.action === null && !isCall) return
  if (REPORTED.test(text.slice(Math.max(0, at - 240), at))) return
  if (isPlain && !REFUSED.test(text.slice(Math.max(0, at - NEAR_CHARS), end + NEAR_CHARS))) return
  found.push({ ...permission, call: permission.action === null ? permission.call : null, at, end })
}
