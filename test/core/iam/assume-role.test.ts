import { describe, expect, it } from 'vitest'
import { evaluate } from '../../../core/actions/actions.ts'
import { ABSENT, found, known, unknown, unreadable } from '../../../core/base/fact.ts'
import {
  allow,
  answer,
  byUser,
  CALLER,
  callerRole,
  callerUser,
  deny,
  document,
  FOREIGN,
  NOBODY,
  ROOT,
  request,
  role,
  SESSION,
  snapshot,
  sourced,
  TARGET,
  trusting,
  USER,
} from '../../fixtures/evaluation.ts'

describe('assuming a role of the same account', () => {
  const identity = sourced('identity', allow())
  const silent = sourced('boundary', allow({ Action: 's3:*' }))

  it('lists one layer per policy type, in the order of the documentation', () => {
    expect(evaluate(request(), snapshot(callerRole(), ROOT)).layers.map(({ type }) => type)).toEqual([
      'identity',
      'trust',
      'boundary',
      'scp',
      'rcp',
      'session',
      'vpce',
    ])
  })

  it('needs nothing but a trust policy that names the role', () => {
    expect(answer(request(), snapshot(callerRole(), trusting(CALLER)))).toBe('allowed')
  })

  it('needs nothing but a trust policy that names the session, and a boundary does not limit that', () => {
    expect(answer(request(), snapshot(callerRole([], { boundary: found(silent) }), trusting(SESSION)))).toBe('allowed')
  })

  it('needs nothing but a trust policy that names the user', () => {
    expect(answer(byUser(), snapshot(callerUser(), trusting(USER)))).toBe('allowed')
  })

  it('limits a grant to the role by what the boundary leaves out', () => {
    expect(answer(request(), snapshot(callerRole([], { boundary: found(silent) }), trusting(CALLER)))).toBe('denied')
  })

  it('leaves open whether the boundary limits a grant to the user', () => {
    expect(answer(byUser(), snapshot(callerUser([], { boundary: found(silent) }), trusting(USER)))).toBe('unknown')
    const boundary = found(sourced('boundary', allow()))
    expect(answer(byUser(), snapshot(callerUser([], { boundary }), trusting(USER)))).toBe('allowed')
  })

  it('limits a grant to the role by what a known session policy leaves out, and a grant to the session not', () => {
    const session = known([sourced('session', allow({ Action: 's3:*' }))])
    expect(answer(request(), snapshot(callerRole(), trusting(CALLER), { session }))).toBe('denied')
    expect(answer(request(), snapshot(callerRole(), trusting(SESSION), { session }))).toBe('allowed')
  })

  it('needs an identity allow, too, when the trust policy names the account', () => {
    expect(answer(request(), snapshot(callerRole(), ROOT))).toBe('denied')
    expect(answer(request(), snapshot(callerRole([identity]), ROOT))).toBe('allowed')
    expect(answer(request(), snapshot(callerRole([identity]), trusting('111122223333')))).toBe('allowed')
  })

  it('is not reached by an identity allow alone', () => {
    expect(answer(request(), snapshot(callerRole([identity]), NOBODY))).toBe('denied')
  })

  it('is open to the whole account under a trust policy that names everyone, and a boundary does not limit that', () => {
    expect(answer(request(), snapshot(callerRole([], { boundary: found(silent) }), trusting('*')))).toBe('allowed')
  })

  // AWS says of `Principal: "*"` that "no other permissions are required", and of a NotPrincipal nothing.
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-anonymous
  it('leaves open whether the boundary and a session policy limit a grant to all but some', () => {
    const others = document({ Effect: 'Allow', Action: 'sts:AssumeRole', NotPrincipal: { AWS: USER } })
    const session = known([sourced('session', allow({ Action: 's3:*' }))])
    expect(answer(request(), snapshot(callerRole([], { boundary: found(silent) }), others))).toBe('unknown')
    expect(answer(request(), snapshot(callerRole(), others, { session }))).toBe('unknown')
    expect(answer(request(), snapshot(callerRole(), others))).toBe('allowed')
  })

  it('is denied by an explicit deny in the boundary even when the session is named', () => {
    const boundary = found(sourced('boundary', allow(), deny()))
    expect(answer(request(), snapshot(callerRole([], { boundary }), trusting(SESSION)))).toBe('denied')
  })

  it('is denied by an explicit deny in a known session policy even when the session is named', () => {
    const session = known([sourced('session', allow(), deny())])
    expect(answer(request(), snapshot(callerRole(), trusting(SESSION), { session }))).toBe('denied')
  })

  it('is not lent the policies of a role of the same name in another account', () => {
    const elsewhere = callerRole([identity], { arn: CALLER.replace('1111', '9999'), accountId: '999922223333' })
    expect(answer(request(), snapshot(elsewhere, ROOT))).toBe('unknown')
    expect(answer(request(), snapshot(callerRole([identity]), ROOT))).toBe('allowed')
  })

  it('is unknown when the caller cannot be read, as its policies may contain a deny', () => {
    const seen = snapshot(callerRole(), trusting(CALLER), { caller: unreadable('AccessDenied') })
    expect(answer(request(), seen)).toBe('unknown')
  })

  it('is denied when the caller cannot be read and the trust policy admits nobody', () => {
    expect(answer(request(), snapshot(callerRole(), NOBODY, { caller: unreadable('AccessDenied') }))).toBe('denied')
  })
})

describe('a role that assumes itself', () => {
  const itself = request({ resource: CALLER })
  const caller = callerRole([sourced('identity', allow())])

  it('is denied when its trust policy names only the account, whatever its identity policies say', () => {
    expect(answer(itself, snapshot(caller, ROOT, {}, CALLER))).toBe('denied')
  })

  it('is allowed when its trust policy names it', () => {
    expect(answer(itself, snapshot(caller, trusting(CALLER), {}, CALLER))).toBe('allowed')
  })
})

describe('assuming a role of another account', () => {
  const asked = request({ resource: FOREIGN })
  const identity = sourced('identity', allow({ Resource: FOREIGN }))

  it('needs both sides', () => {
    expect(answer(asked, snapshot(callerRole([identity]), trusting(CALLER), {}, FOREIGN))).toBe('allowed')
    expect(answer(asked, snapshot(callerRole(), trusting(CALLER), {}, FOREIGN))).toBe('denied')
    expect(answer(asked, snapshot(callerRole([identity]), NOBODY, {}, FOREIGN))).toBe('denied')
  })

  it('takes the caller’s account in the trust policy as enough on that side', () => {
    expect(answer(asked, snapshot(callerRole([identity]), ROOT, {}, FOREIGN))).toBe('allowed')
  })

  it('is unknown when the trust policy cannot be read', () => {
    const targets = [{ arn: FOREIGN, role: unreadable('AccessDenied'), near: unknown('not asked') }]
    expect(answer(asked, snapshot(callerRole([identity]), ROOT, { targets }, FOREIGN))).toBe('unknown')
  })
})

describe('a role that is not there', () => {
  it('denies everyone when it does not exist', () => {
    const targets = [{ arn: TARGET, role: ABSENT, near: known([]) }]
    const seen = snapshot(callerRole([sourced('identity', allow())]), ROOT, { targets })
    expect(answer(request(), seen)).toBe('denied')
  })

  it('does not exist under an ARN with another case or path', () => {
    const targets = [
      { arn: TARGET, role: found(role('arn:aws:iam::111122223333:role/Target', trusting('*'))), near: known([]) },
    ]
    expect(answer(request(), snapshot(callerRole(), ROOT, { targets }))).toBe('denied')
  })
})
