import { describe, expect, it } from 'vitest'
import type { Principal } from '../../../functions/domain/denial/denial.ts'
import { callerLabelFirst } from '../../../functions/domain/diagnosis/wording/short-names.ts'
import { DENIAL } from '../../fakes/sample-proposal.ts'

const started = (principal: Partial<Principal>): string =>
  callerLabelFirst({ ...DENIAL, principal: { ...DENIAL.principal, ...principal } })

describe('who was denied, at the start of a sentence', () => {
  it.each([
    [{ kind: 'sso-role', name: 'AWSReservedSSO_Dev_0123456789abcdef', sessionName: 'sam' }],
    [{ kind: 'sso-role', name: 'dev', sessionName: 'role' }],
  ] as const)('keeps the name of a session as it is: %o', principal => {
    expect(started(principal)).toBe(`${principal.sessionName} (through ${principal.name})`)
  })

  it('keeps the name of a service and an ARN as they are', () => {
    expect(started({ kind: 'service', name: 'ecs-tasks.amazonaws.com' })).toBe('ecs-tasks.amazonaws.com')
    expect(started({ kind: 'unknown', arn: 'arn:aws:sts::111122223333:x/y' })).toBe('arn:aws:sts::111122223333:x/y')
  })

  it('begins with a capital where the word is the bot’s own', () => {
    expect(started({ kind: 'role', name: 'deployer' })).toBe('Role deployer')
    expect(started({ kind: 'user', name: 'ada' })).toBe('User ada')
    expect(started({ kind: 'federated-user', name: 'ben' })).toBe('Federated user ben')
    expect(started({ kind: 'web-identity' })).toBe('The web identity')
  })
})
