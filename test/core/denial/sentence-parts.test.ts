/** The parts of AWS's sentence: its place in a text, caller, role and reason. */
import { describe, expect, it } from 'vitest'
import { denialsIn } from '../../../core/denial/logs/denials-in-log.ts'
import {
  deniedAt,
  fixedAt,
  readMessage,
  readReason,
  sentenceText,
} from '../../../core/denial/message/message-grammar.ts'
import { roleInTextAt } from '../../../core/denial/message/role-in-sentence.ts'

const CALLER = 'arn:aws:iam::111122223333:user/ci'
const ROLE = 'arn:aws:iam::111122223333:role/orders'
const DENIED = `User: ${CALLER} is not authorized to perform: iam:PassRole on resource: ${ROLE}`

const sentenceIn = (text: string, from = 0) => deniedAt(text, text.indexOf('authorized', from), from)
/** The caller that stands before the words of a denial. */
const callerIn = (before: string) => sentenceIn(`${before}is not authorized to perform: iam:PassRole`)?.subject

describe('words that name no caller', () => {
  it.each([
    // https://github.com/jonathanmorley/oktaws/blob/main/src/aws/role.rs
    'User: null is not authorized to perform: sts:AssumeRoleWithSAML on resource: arn:aws:iam::111122223333:role/orders',
    '#   is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/orders',
    '// is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/orders',
  ])('are no name: %s', text => {
    expect(denialsIn(text).map(({ principal, resource }) => [principal.name, resource])).toEqual([
      [null, 'arn:aws:iam::111122223333:role/orders'],
    ])
  })
})

describe('a sentence that was copied with blanks inside its words', () => {
  // https://github.com/aws/copilot-cli/issues/5608
  const reason = ' because no identity-based policy allows the iam:PassRole action'
  const copied = (caller: string, action: string, role: string) =>
    sentenceIn(`User: ${caller} is not authorized to perform: ${action} on resource: ${role}${reason}`)

  it.each(['iam: PassRole', 'iam:PassRole', 'PassRole'])('names its action in "%s"', action => {
    expect(copied(CALLER, action, ROLE)).toMatchObject({ action: 'iam:PassRole', subject: CALLER, resource: ROLE })
  })

  it('names no part of its role', () => {
    expect(copied(CALLER, 'iam:PassRole', 'arn:aws:iam::111122223333:role/cd-ser vice-dev')).toMatchObject({
      resource: null,
      unread: { kind: 'cut' },
    })
  })

  it.each(['', '-with-a-name-that-is-much-longer-than-the-words-that-may-stand-behind-a-caller'])(
    'names no part of its caller, ro le%s',
    more => {
      const session = `arn:aws:sts::111122223333:assumed-role/deploy-ro le${more}/session-1`
      expect(copied(session, 'iam:PassRole', ROLE)).toMatchObject({ subject: null, resource: ROLE })
    },
  )
})

it('names no service-linked role whose name is cut off', () => {
  const path = 'arn:aws:iam::111122223333:role/aws-service-role/elasticloadbalancing.ama'
  expect(roleInTextAt(path, 0, path.length)).toMatchObject({ resource: null, unread: { kind: 'cut' } })
})

describe('the place of a sentence', () => {
  it('is where its subject starts, whatever is before it', () => {
    const text = `${'x'.repeat(3_000)} Error: ${DENIED} because no identity-based policy allows the iam:PassRole action. Next`
    const sentence = sentenceIn(text)
    expect(sentence).toMatchObject({ subject: CALLER, resource: ROLE, start: 3_008 })
    expect(text.slice(sentence?.start, sentence?.end)).toBe(
      `${DENIED} because no identity-based policy allows the iam:PassRole action`,
    )
  })

  it.each([
    ['of the SDK', ' (Service: Ecs, Status Code: 400, Request ID: 1)'],
    [
      'of the SDK after a reason',
      ' because no identity-based policy allows the iam:PassRole action (Service: Ecs, Status Code: 400)',
    ],
    ['with its details', '. Encoded authorization failure message: aB-_1'],
  ])('includes the words %s', (_, tail) => {
    const text = `${DENIED}${tail} and more`
    const sentence = sentenceIn(text)
    expect(text.slice(sentence?.start, sentence?.end)).toBe(DENIED + tail)
  })

  it('is at the keyword, or there is none', () => {
    expect(deniedAt(DENIED, DENIED.indexOf('not '), 0)).not.toBeNull()
    expect(deniedAt(DENIED, DENIED.indexOf(' not ') - 3, 0)).toBeNull()
    expect(deniedAt(DENIED, DENIED.indexOf('PassRole') + 'PassRole'.length - 1, 0)).toBeNull()
    expect(deniedAt(`${DENIED} authorized`, DENIED.length + 1, 0)).toBeNull()
    expect(sentenceIn(DENIED.replace('iam:PassRole', 's3:GetObject'))).toBeNull()
  })

  it('does not start before the previous sentence ends', () => {
    const first = `User: ${CALLER} cannot. `
    expect(sentenceIn(`${first}is not authorized to perform: iam:PassRole`, first.length)).toMatchObject({
      subject: null,
      start: first.length,
    })
  })

  it.each([
    [
      'Roles may not be assumed by root accounts.',
      'by root',
      'root-cannot-assume',
      'Roles may not be assumed by root accounts',
    ],
    [
      'Cross-account pass role is not allowed.',
      'role is not',
      'cross-account-pass-role',
      'Cross-account pass role is not allowed',
    ],
  ])('is that of a sentence with fixed words too: %s', (sentence, word, reason, words) => {
    for (const before of ['', `${'x'.repeat(500)} `]) {
      const text = `${before}${sentence} More.`
      const found = fixedAt(text, text.indexOf(word))
      expect(found).toMatchObject({ reason, subject: null, start: before.length })
      expect(text.slice(found?.start, found?.end)).toBe(words)
    }
    expect(fixedAt(`${sentence} ${'x'.repeat(200)}`, 150)).toBeNull()
  })
})

describe('the caller before a denial', () => {
  it.each([
    [`User: ${CALLER} `, CALLER],
    [`User: "${CALLER}" `, CALLER],
    [`Error: ${CALLER} `, CALLER],
    [`Error: (${CALLER}) `, CALLER],
    ['User: anonymous ', 'anonymous'],
    ['User: John Doe ', 'John Doe'],
    ['CodeBuild ', 'CodeBuild'],
    ['- **CodeBuild ', 'CodeBuild'],
    // Lines of another stream are between the words.
    [`User:\nINFO: ok\n${CALLER}\nINFO: ok\n`, CALLER],
    [`User: jane for ${CALLER} `, `jane for ${CALLER}`],
    ['Error: lambda.amazonaws.com ', 'lambda.amazonaws.com'],
    // A word that names nobody, and a mark alone.
    ['User ', null],
    ['operation: User: ', null],
    ['Your account ', null],
    ['Error: it ', null],
    ['User: *** ', null],
    ['User: ... ', null],
    // Another sentence between the two.
    [`User: ${CALLER} called. The caller `, CALLER],
    [`User: ${CALLER} ${'called the service for a long time and '.repeat(3)}CodeBuild `, 'CodeBuild'],
    [`User: ${CALLER.replace('::', ':: ')} `, CALLER],
    [`User: ${CALLER.replace('user/', 'user/ ')} `, CALLER],
    [`User: jane called. CodeBuild `, 'CodeBuild'],
    [`User: arn:aws:iam::${'1'.repeat(720)} `, null],
    ['User: arn:aws:sts::| |:assumed-role/deployer/s ', null],
    [`${'a'.repeat(720)} `, null],
    // A writer's words in the place of a name.
    ['AccessDenied: User [Lambda ARN] ', '[Lambda ARN]'],
    ['the <IAM user> ', '<IAM user>'],
    ['a] b ', 'b'],
  ])('is named by %j', (before, subject) => {
    expect(callerIn(before)).toBe(subject)
  })

  it('is at most 900 characters before it', () => {
    const near = `User: ${CALLER} ${' '.repeat(60)}`
    expect(callerIn(`${'x'.repeat(2_000)} ${near}`)).toBe(CALLER)
    expect(callerIn(`User: ${CALLER} ${'x '.repeat(460)}Jobs `)).toBe('Jobs')
  })
})

describe('the kind of a text', () => {
  it.each([
    [DENIED, { kind: 'ours' }],
    [DENIED.replace('iam:PassRole', 's3:GetObject'), { kind: 'other', action: 's3:GetObject' }],
    [
      'You are not authorized to perform this operation. Encoded authorization failure message: aB-_1 x',
      { kind: 'encoded-only', encoded: { blob: 'aB-_1', cut: false } },
    ],
    [
      'Encoded authorization failure message: aB-_1...',
      { kind: 'encoded-only', encoded: { blob: 'aB-_1', cut: true } },
    ],
    ['Cross-account pass role is not allowed.', { kind: 'ours', sentence: { reason: 'cross-account-pass-role' } }],
    // The first of both forms.
    [`Cross-account pass role is not allowed. ${DENIED}`, { kind: 'ours', sentence: { subject: null } }],
    [`${DENIED}. Cross-account pass role is not allowed.`, { kind: 'ours', sentence: { subject: CALLER } }],
    [
      `${DENIED.replace('iam:PassRole', 's3:GetObject')}. ${DENIED}`,
      { kind: 'ours', sentence: { action: 'iam:PassRole', resource: ROLE } },
    ],
    ['It works.', { kind: 'none' }],
  ])('is told by its words: %s', (text, kind) => {
    expect(readMessage(text)).toMatchObject(kind)
  })

  it.each([
    ["The 'is not authorized to perform: iam:PassRole' error", false],
    ['The "not authorized to perform iam:PassRole" exceptions', false],
    ['Not authorized to perform iam:PassRole issues', false],
    ['Is not authorized to perform: iam:passrole on resource: is a common error message that can arise', false],
    ['Not authorized to perform iam:PassRole is an issue', false],
    ['Not authorized to perform iam:PassRole is the error that I get', true],
    ['Not authorized to perform iam:PassRole: it happened', true],
    ['Not authorized to perform iam:PassRole errorCode', true],
    [`It says "is not authorized to perform: iam:PassRole on resource: ${ROLE}"`, true],
    ['It says "is not authorized to perform: iam:PassRole on resource"', false],
    ['or, more specifically, `"is not authorized to perform: sts:AssumeRoleWithWebIdentity"`. Nothing changed', false],
    [`or, more specifically, \`"User: ${CALLER} is not authorized to perform: sts:AssumeRole"\`.`, true],
    [`"is not authorized to perform: iam:PassRole for ${'long '.repeat(9)} on resource: ${ROLE}"`, false],
    [`jane"is not authorized to perform: iam:PassRole`, true],
    // Code that looks for the words in a text.
    [`"'Not authorized to perform sts:AssumeRole' in result.msg"`, false],
    ['if "Not authorized to perform sts:AssumeRole" not in str(e):', false],
    [`assert "is not authorized to perform: iam:PassRole on resource: ${ROLE}" in str(e)`, false],
    ["expect(error.message).toContain('Not authorized to perform sts:AssumeRole')", false],
    ['strings.Contains(err.Error(), "Not authorized to perform sts:AssumeRole")', false],
    [`pytest.raises(ClientError, match=r"User: ${CALLER} is not authorized to perform: iam:PassRole")`, false],
    [`regexp.MustCompile(\`is not authorized to perform: iam:PassRole on resource: ${ROLE}\`)`, false],
    ['[[ "$output" == *"not authorized to perform: iam:PassRole"* ]]', false],
    ['grep -q -i "not authorized to perform: iam:PassRole" out.log', false],
    ['".*Installer/OCM is not authorized to perform: sts:AssumeRole on resource.*"', false],
    ["It said 'Not authorized to perform sts:AssumeRole' in step 3", true],
    ["It said 'Not authorized to perform sts:AssumeRole' in result", true],
    ["It said 'Not authorized to perform sts:AssumeRole' in app.py:12", true],
    ["contains('x'): Not authorized to perform sts:AssumeRole", true],
    ['*"Not authorized to perform sts:AssumeRole"*', true],
    [`"arn:aws:s3:::a/.*" User: ${CALLER} is not authorized to perform: iam:PassRole`, true],
  ])('is a mention where the error is named, not shown: %s', (text, isDenial) => {
    expect(readMessage(text).kind === 'ours').toBe(isDenial)
  })
})

describe('the text of a sentence that is shown', () => {
  it.each([
    ['a\nb', 'a b'],
    [' a ', 'a'],
    ['a**', 'a'],
    ['a`', 'a'],
    // Stars in place of a part hide a name.
    ['role/**', 'role/**'],
    ['iam::*', 'iam::*'],
    // A quote without its partner closes what began before.
    ['a"', 'a'],
    ['say "a"', 'say "a"'],
    ["a'", 'a'],
    ["'a'", "'a'"],
    ['Encoded authorization failure message: aB-_1 x', 'Encoded authorization failure message: (left out) x'],
    ['x'.repeat(1_024), 'x'.repeat(1_024)],
    ['x'.repeat(1_025), 'x'.repeat(1_024)],
    ['may not be assumed```', 'may not be assumed'],
  ])('has no marks around it: %j', (text, shown) => {
    expect(sentenceText(text)).toBe(shown)
  })
})

describe('the reason after a role', () => {
  const POLICY = 'arn:aws:iam::111122223333:policy/Guard'
  it.each<[string, string, string | null, string]>([
    [
      ' because no identity-based policy allows the iam:PassRole action. X',
      'no-identity-policy',
      null,
      ' because no identity-based policy allows the iam:PassRole action',
    ],
    [
      ' because no VPC endpoint policy allows the x:Y action',
      'no-vpce-policy',
      null,
      ' because no VPC endpoint policy allows the x:Y action',
    ],
    [
      ' because no new kind of policy allows the x:Y action',
      'none-given',
      null,
      ' because no new kind of policy allows the x:Y action',
    ],
    [' because no identity-ba', 'none-given', null, ' because no '],
    [
      ' with an explicit deny in a resource control policy',
      'explicit-deny-rcp',
      null,
      ' with an explicit deny in a resource control policy',
    ],
    [
      ` with an explicit deny in a permissions boundary: ${POLICY}. X`,
      'explicit-deny-boundary',
      POLICY,
      ` with an explicit deny in a permissions boundary: ${POLICY}.`,
    ],
    [' with an explicit deny in a new kind of policy', 'explicit-deny', null, ' with an explicit deny in a '],
    [' with an explicit deny', 'explicit-deny', null, ' with an explicit deny'],
    [' as it is', 'none-given', null, ''],
    [' X because no identity-based policy allows it', 'none-given', null, ''],
  ])('is AWS’s own, or none: %s', (tail, reason, policyArn, words) => {
    const read = readReason(tail)
    expect(read).toMatchObject({ reason, policyArn })
    expect(tail.slice(0, read.length).trimEnd()).toBe(words.trimEnd())
  })
})

describe('the role after an action', () => {
  const at = (text: string, until = text.length) => {
    const { resource, unread, end } = roleInTextAt(text, 0, until)
    return [resource, unread?.kind ?? null, unread?.text ?? null, text.slice(end)]
  }
  it.each<[string, readonly (string | null)[]]>([
    [`${ROLE} because no`, [ROLE, null, null, ' because no']],
    [`${ROLE}" x`, [ROLE, null, null, ' x']],
    [`${ROLE}"""" x`, [ROLE, null, null, '" x']],
    ['* x', [null, 'not-named', null, ' x']],
    ['*** x', [null, 'masked', null, ' x']],
    ['XXXX x', [null, 'masked', null, ' x']],
    ['[redacted] x', [null, 'masked', null, ' x']],
    ['xXx@ax with an explicit deny x', [null, 'masked', null, ' with an explicit deny x']],
    ['***-task, because no x', [null, 'masked', null, ', because no x']],
    ['***. Because x', [null, 'masked', null, '. Because x']],
    ['<role> x', [null, 'placeholder', null, ' x']],
    ['role orders. X', [null, 'not-named', 'orders', ' X']],
    ['role orders x', [null, 'not-named', 'orders', ' x']],
    ['aws:iam::111122223333:role/orders. X', [null, 'malformed', 'aws:iam::111122223333:role/orders', ' X']],
    ['the orders role because no identity', [null, 'not-named', null, ' because no identity']],
    ['orders x', [null, 'not-named', null, ' x']],
    ['role/DemoGatewayRole because no identity', [null, 'not-named', 'DemoGatewayRole', ' because no identity']],
    ['role/service-role/orders', [null, 'not-named', 'orders', '']],
    ['role/', [null, 'not-named', null, '']],
    ['MovieLensRole', [null, 'not-named', 'MovieLensRole', '']],
    ['orders-role. X', [null, 'not-named', 'orders-role', ' X']],
    ['orders_Role` x', [null, 'not-named', 'orders_Role', '` x']],
    ['orders-task x', [null, 'not-named', null, ' x']],
    ['https://OrdersRole x', [null, 'not-named', null, ' x']],
    ['Role-Based x', [null, 'not-named', null, ' x']],
    ['arn:aws:iam::111122223333:role/ord… x', [null, 'cut', null, '… x']],
    ['arn:aws:iam::111122223333:role/ because no x', [null, 'masked', null, ' because no x']],
    ['arn:aws:iam::111122223333:role/*** x', [null, 'masked', null, ' x']],
    ['arn:aws:iam because no x', [null, 'masked', null, ' because no x']],
    ['arn:was:iam::111122223333:role/orders x', [null, 'malformed', 'arn:was:iam::111122223333:role/orders', ' x']],
    // A path may hold any printable character.
    [
      'arn:aws:iam::111122223333:role/a!b/orders because no x',
      ['arn:aws:iam::111122223333:role/a!b/orders', null, null, ' because no x'],
    ],
    ['arn:aws:iam::111122223333:role/a!b/orders', ['arn:aws:iam::111122223333:role/a!b/orders', null, null, '']],
  ])('is named, or it says why not: %s', (text, wanted) => {
    expect(at(text)).toEqual(wanted)
  })

  it('is malformed where no ARN is as long', () => {
    const text = `arn:aws:iam::111122223333:role/${'a'.repeat(800)} x`
    expect(at(text).slice(0, 3)).toEqual([null, 'malformed', null])
    expect(roleInTextAt(`${ROLE}""`, 0, ROLE.length + 1).end).toBe(ROLE.length + 1)
  })
})
