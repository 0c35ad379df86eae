import { describe, expect, it } from 'vitest'
import type { Principal } from '../../../core/denial/denial.ts'
import { callerLabelFirst, layerOwner, whyUnread } from '../../../core/diagnosis/wording/short-names.ts'
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

describe('why a text does not identify its role', () => {
  it.each([
    [undefined, 'the text does not name it'],
    [{ kind: 'not-named', text: null }, 'the text does not name it'],
    [{ kind: 'masked', text: 'arn:xxx' }, 'the text hides it: “arn:xxx”'],
    [{ kind: 'masked', text: null }, 'the text hides it'],
    [{ kind: 'placeholder', text: '<role>' }, 'the text has a placeholder instead: “<role>”'],
    [{ kind: 'cut', text: null }, 'the text ends inside it'],
    [{ kind: 'malformed', text: 'iam:x' }, 'the text in its place is not an ARN: “iam:x”'],
  ] as const)('%j: %s', (unread, why) => {
    expect(whyUnread(unread)).toBe(why)
  })
})

describe('who can change a layer', () => {
  it.each([
    ['scp', "the owner of the organization's service control policy p-1"],
    ['rcp', "the owner of the organization's resource control policy p-1"],
    ['boundary', 'the owner of the permissions boundary p-1'],
    ['vpce', 'the owner of the VPC endpoint policy p-1'],
    ['identity', 'the owner of the identity-based policy p-1'],
    ['session', 'the person who starts the session, which passes the session policy when it assumes the role'],
  ] as const)('%s: %s', (type, owner) => {
    expect(layerOwner(type, 'p-1')).toBe(owner)
    expect(layerOwner('boundary', null)).toBe('the owner of the permissions boundary')
  })
})
