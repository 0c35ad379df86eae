import { describe, expect, it } from 'vitest'
import { arnAt } from '../../../core/denial/message/arn-in-text.ts'

const ROLE = 'arn:aws:iam::111122223333:role/app'

/** The ARN at the start of the text, and the text after it. */
const split = (text: string): readonly [string, string] | null => {
  const found = arnAt(text, 0)
  return found === null ? null : [found.arn, text.slice(found.end)]
}

describe('an ARN in a text', () => {
  it.each([
    [`${ROLE} because no policy`, ROLE],
    [`${ROLE}. Please`, ROLE],
    [`${ROLE}, which`, ROLE],
    [`${ROLE}:`, ROLE],
    [`${ROLE}=`, ROLE],
    [`${ROLE};x`, ROLE],
    [`${ROLE}"`, ROLE],
    [`${ROLE}|`, ROLE],
    [`${ROLE}。`, ROLE],
    [`${ROLE}</code>`, ROLE],
    [`${ROLE}<br>next`, ROLE],
    [`${ROLE}<br/>next`, ROLE],
    [`${ROLE}{noformat}`, ROLE],
    [`${ROLE}{code:java}`, ROLE],
    // Two stars close bold text; three or more hide the rest of a name.
    [`${ROLE}**`, ROLE],
    [`${ROLE}*`, ROLE],
    [`${ROLE}.**`, ROLE],
    [`${ROLE}***`, `${ROLE}***`],
    ['arn:aws:iam::111122223333:role/**', 'arn:aws:iam::111122223333:role/**'],
    ['arn:aws:iam::**:role/app', 'arn:aws:iam::**:role/app'],
  ])('ends before what is no part of a name: %s', (text, arn) => {
    expect(split(text)?.[0]).toBe(arn)
  })

  it.each([
    ['arn:aws:iam::************:role/app'],
    ['arn:aws:iam::############:role/app'],
    ['arn:aws:iam::•••••:role/app'],
    ['arn:aws:iam::<account>:role/app'],
    ['arn:aws:iam::<<ACCOUNT>>:role/app'],
    ['arn:aws:iam::<my account>:role/app'],
    ['arn:aws:iam::${AWS::AccountId}:role/app'],
    ['arn:aws:iam::${{ secrets.ID }}:role/app'],
    ['arn:aws:iam::$ACCOUNT_ID:role/app'],
    ['arn:aws:iam::{account}:role/app'],
    ['arn:aws:iam::{{account}}:role/app'],
    ['arn:aws:iam::111122223333:role/[role]'],
    ['arn:aws:iam::"my account":role/app'],
    // https://github.com/hashicorp/terraform-provider-aws/issues/34145
    ['arn:aws:iam::<>:role/app'],
    ['arn:aws:iam::%ACCOUNT%:role/app'],
    ['arn:aws:iam::(account):role/app'],
    ['arn:aws:iam::1111■■■■:role/app'],
    ['arn:aws:sts::~~~:assumed-role/app/ci'],
  ])('contains masks and placeholders: %s', arn => {
    expect(split(`${arn} because`)?.[0]).toBe(arn)
  })

  it.each([
    // An element, an empty, an unclosed, a nested or a broken pair of brackets is none.
    [`${ROLE}<td>x`, '<td>x'],
    [`${ROLE}<>x`, '<>x'],
    [`${ROLE}<name`, '<name'],
    [`${ROLE}<a<b>`, '<a<b>'],
    [`${ROLE}<a\nb>`, '<a\nb>'],
    [`${ROLE}</name>`, '</name>'],
    [`${ROLE}<name/>`, '<name/>'],
    [`${ROLE}<${'n'.repeat(70)}>`, `<${'n'.repeat(70)}>`],
    [`${ROLE}[1]`, '[1]'],
    [`${ROLE}{"a":1}`, '{"a":1}'],
    [`${ROLE}{a\n}`, '{a\n}'],
    [`${ROLE}{a`, '{a'],
    [`${ROLE}$1`, '$1'],
    [`${ROLE}"more"`, '"more"'],
    // After a whole name, a quote closes one.
    [`${ROLE}"more":x`, '"more":x'],
    ['arn:aws:iam::111122223333:role/(my"/app', '(my"/app'],
    ['arn:aws:iam::111122223333:role/[app', '[app'],
    ['arn:aws:iam::111122223333:role/"app', '"app'],
    [`${ROLE}[a]`, '[a]'],
    ['arn:aws:iam::111122223333:role/"app" because', '"app" because'],
    ['arn:aws:iam::111122223333:role/[a!b] x', '[a!b] x'],
  ])('does not contain other marks: %j', (text, rest) => {
    expect(split(text)?.[1]).toBe(rest)
  })

  // Marks included: two of a pair, three of a dollar sign and a pair.
  it.each([
    ['<', 60, '>', true],
    ['<', 61, '>', false],
    ['${', 60, '}', true],
    ['${', 61, '}', false],
    ['{', 60, '}', true],
    ['{', 61, '}', false],
    ['[', 60, ']', true],
    ['[', 61, ']', false],
  ])('contains a placeholder of at most 61 characters: %s, closed after %i', (open, closedAt, close, contained) => {
    const placeholder = open + 'n'.repeat(closedAt - open.length) + close
    const text = `arn:aws:iam::111122223333:role/${placeholder} because`
    const [arn, rest] = [split(text)?.[0], split(text)?.[1]]
    expect([arn, rest]).toEqual(
      contained
        ? [`arn:aws:iam::111122223333:role/${placeholder}`, ' because']
        : ['arn:aws:iam::111122223333:role/', `${placeholder} because`],
    )
  })

  it.each([
    ['arn:aws:iam::<account>:role/app?', 'arn:aws:iam::<account>:role/app'],
    [`${ROLE}??`, `${ROLE}??`],
    ['arn:aws:iam::111122223333:role/?', 'arn:aws:iam::111122223333:role/?'],
    ['arn:aws:iam::?:role/app', 'arn:aws:iam::?:role/app'],
    [`${ROLE}.?`, ROLE],
    [`${ROLE}?.`, ROLE],
    ['arn:aws:iam::111122223333:role/*', 'arn:aws:iam::111122223333:role/*'],
  ])('ends before one question mark, which more of them or a whole part hide: %s', (text, arn) => {
    expect(split(`${text} `)?.[0]).toBe(arn)
  })

  it.each([
    ['arn:aws:iam::111122223333:\nrole/app because', 'arn:aws:iam::111122223333:role/app'],
    ['arn:aws:iam::111122223333:role/\n  app because', ROLE],
    ['arn:aws:iam::111122223333\n:role/app because', ROLE],
    ['arn:aws:iam::111122223333:role\n/app because', ROLE],
    ['arn:aws:iam:: 111122223333:role/app because', ROLE],
    [`${ROLE}\nbecause`, ROLE],
    [`${ROLE} or`, ROLE],
    [`${ROLE}\n\n/x`, ROLE],
    [`${ROLE}: because`, ROLE],
    // A colon after a whole ARN ends a clause; one before the resource does not.
    [`${ROLE}: denied`, ROLE],
    ['arn:aws:iam::111122223333: role/app x', ROLE],
    ['arn:aws:iam: :111122223333:role/app x', ROLE],
    ['arn:aws:iam::1111\n22223333:role/app x', ROLE],
    ['arn:aws:iam::1111 22223333:role/app x', ROLE],
    // Words are separated by a blank, and the parts of a whole ARN by a break only.
    [`${ROLE} /x`, ROLE],
    [`${ROLE}\n/x y`, `${ROLE}/x`],
    [`${ROLE} x`, ROLE],
    ['arn:aws:iam::\n\n111122223333:role/app', 'arn:aws:iam'],
    ['arn:aws:iam::111122223333:role/ (app)', 'arn:aws:iam::111122223333:role/'],
    ['arn:aws:iam::111122223333:role/ ', 'arn:aws:iam::111122223333:role/'],
    ['arn:aws:iam::111122223333:role/\nbecause no policy', 'arn:aws:iam::111122223333:role/'],
    ['arn:aws:iam::111122223333:role/ and', 'arn:aws:iam::111122223333:role/'],
  ])('goes on after a line break inside it: %j', (text, arn) => {
    expect(split(text)?.[0]).toBe(arn)
  })

  it('goes on over every break before a known end', () => {
    const text = 'arn:aws:iam::111122223333:role/team-\n\napp is not'
    expect(arnAt(text, 0, text.indexOf(' is'))).toMatchObject({ arn: 'arn:aws:iam::111122223333:role/team-app' })
  })

  it('ends at a known end, and where no part of a name is before it', () => {
    const wrapped = 'arn:aws:iam::111122223333:role/app\n\n  more'
    expect(arnAt(wrapped, 0, wrapped.length)).toMatchObject({ arn: `${ROLE}more`, end: wrapped.length })
    expect(arnAt(wrapped, 0, ROLE.length + 2)).toMatchObject({ arn: ROLE, end: ROLE.length })
    expect(arnAt(wrapped, 0, ROLE.length - 1)).toMatchObject({ arn: ROLE.slice(0, -1), end: ROLE.length - 1 })
    expect(arnAt(`${ROLE}\n(x)`, 0, ROLE.length + 3)).toMatchObject({ arn: ROLE, end: ROLE.length })
  })

  it.each([
    [`${ROLE}-lo...`, true, `${ROLE}-lo`],
    [`${ROLE}-lo…`, true, `${ROLE}-lo`],
    [`${ROLE}.`, false, ROLE],
    ['arn:aws:sts::111122223333:assumed-role/app/...', false, 'arn:aws:sts::111122223333:assumed-role/app/...'],
    ['arn:aws-cn:sts::111122223333:assumed-role/app/...', false, 'arn:aws-cn:sts::111122223333:assumed-role/app/...'],
    [`${ROLE}...-run`, true, `${ROLE}...-run`],
    ['arn:aws:iam::111122223333:role/.../app', true, 'arn:aws:iam::111122223333:role/.../app'],
    ['arn:aws:iam::111122223333:user/...ann', true, 'arn:aws:iam::111122223333:user/...ann'],
    ['arn:aws:sts::111122223333:assumed-role/app.../s', true, 'arn:aws:sts::111122223333:assumed-role/app.../s'],
    ['arn:aws:sts::111122223333:assumed-role/app/s...t', false, 'arn:aws:sts::111122223333:assumed-role/app/s...t'],
    ['arn:aws:iam::11......33:role/app', false, 'arn:aws:iam::11......33:role/app'],
  ])('is cut where dots are in the place of a part of its name: %s', (text, cut, arn) => {
    expect(arnAt(text, 0)).toMatchObject({ arn, cut })
  })

  it('starts where it is said to, and is at most 700 characters long', () => {
    expect(arnAt(`on ${ROLE}`, 3)).toEqual({ arn: ROLE, end: 3 + ROLE.length, cut: false })
    expect(arnAt(`on ${ROLE}`, 2)).toBeNull()
    const longest = `arn:aws:iam::111122223333:role/${'a'.repeat(700 - 31)}`
    expect(longest).toHaveLength(700)
    expect(arnAt(longest, 0)?.arn).toBe(longest)
    expect(arnAt(`${longest}a`, 0)).toBeNull()
  })
})
