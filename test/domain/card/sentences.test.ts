import { describe, expect, it } from 'vitest'
import { asPlainText, code, link, own, type RichText, richText, time } from '../../../core/base/rich-text.ts'
import type { Statement } from '../../../core/iam/policy/policy-document.ts'
import { changeDigest, type PolicyChange, type Target } from '../../../core/patch/patch.ts'
import { catalog } from '../../../core/patch/risk/table/catalog.ts'
import type { CardAction } from '../../../functions/domain/card/buttons.ts'
import { changeLine } from '../../../functions/domain/card/sentences/change-line.ts'
import { riskLine, undoLine, unseenLine } from '../../../functions/domain/card/sentences/risk-line.ts'
import { withinTotal, withinWords, wordsIn } from '../../../functions/domain/card/sentences/word-limit.ts'
import type { Proposal } from '../../../functions/domain/proposal/proposal.ts'
import { APPROVAL, NOON, sampleProposal, VERIFICATION } from '../../fakes/sample-proposal.ts'

const ARN = 'arn:aws:iam::111122223333:role'
const target = (kind: Target['kind'], name = 'deployer'): Target => ({
  ...{ kind, accountId: '111122223333', name, arn: `${ARN}/${name}` },
  policyName: kind === 'role-inline-policy' ? 'rolemedic' : null,
})
function change(
  on: Target,
  statements: readonly Statement[],
  before: readonly Statement[] | null = null,
): PolicyChange {
  const document = (Statement: readonly Statement[]) => ({ Version: '2012-10-17' as const, Statement })
  const edit = { target: on, before: before === null ? null : document(before), after: document(statements) }
  return { ...edit, required: true, digest: changeDigest(edit) }
}
const line = (...changes: readonly PolicyChange[]): string | null => {
  const text = changeLine(changes, { previous: null })
  return text === null ? null : asPlainText(text)
}
const pass = (Resource: string | readonly string[], more: Partial<Statement> = {}): Statement => ({
  ...{ Effect: 'Allow', Action: 'iam:PassRole', Resource },
  ...more,
})
const toService = (...services: readonly string[]) => ({
  Condition: { StringEquals: { 'iam:PassedToService': services } },
})
const onRole = target('role-inline-policy')

describe('the line of a grant', () => {
  it.each<[string, Statement, string]>([
    [
      'one role to one service',
      pass(`${ARN}/app`, toService('ecs-tasks.amazonaws.com')),
      'Lets deployer pass app to ECS tasks, nothing else.',
    ],
    ['two roles', pass([`${ARN}/a`, `${ARN}/b`]), 'Lets deployer pass a and b, nothing else.'],
    [
      'three roles',
      pass([`${ARN}/a`, `${ARN}/b`, `${ARN}/c`]),
      'Lets deployer pass a, b and 1 more role, nothing else.',
    ],
    [
      'roles under a path with it, as two of one name look alike',
      pass([`${ARN}/a`, `${ARN}/{{resolve:ssm:x}}/a`]),
      'Lets deployer pass a and /{{resolve:ssm:x}}/a, nothing else.',
    ],
    [
      'roles by a pattern under a path',
      pass(`${ARN}/team/app-*`),
      'Lets deployer pass every role named /team/app-*, now and later, nothing else.',
    ],
    [
      'roles by a pattern',
      pass(`${ARN}/app-*`),
      'Lets deployer pass every role named app-*, now and later, nothing else.',
    ],
    [
      'roles by a pattern to one service under a condition',
      pass(`${ARN}/app-*`, {
        Condition: {
          StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' },
          Bool: { 'aws:MultiFactorAuthPresent': 'true' },
        },
      }),
      'Lets deployer pass every role named app-*, now and later, to ECS tasks (with MFA), nothing else.',
    ],
    [
      'a service without a name of ours',
      pass(`${ARN}/a`, toService('odd.amazonaws.com')),
      'Lets deployer pass a to odd.amazonaws.com, nothing else.',
    ],
    [
      'three services',
      pass(`${ARN}/a`, toService('ecs-tasks.amazonaws.com', 'ec2.amazonaws.com', 'glue.amazonaws.com')),
      'Lets deployer pass a to ECS tasks, EC2 instances and 1 more service, nothing else.',
    ],
    [
      'a service-linked role',
      pass('arn:aws:iam::111122223333:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS', {
        Action: 'iam:CreateServiceLinkedRole',
        Condition: { StringEquals: { 'iam:AWSServiceName': 'ecs.amazonaws.com' } },
      }),
      'Lets deployer create the service-linked role of ECS, nothing else.',
    ],
    [
      'all roles but some',
      { Effect: 'Allow', Action: 'iam:PassRole', NotResource: `${ARN}/a` },
      'Lets deployer pass roles, nothing else.',
    ],
    [
      'no service for an action that passes nothing',
      pass(`${ARN}/a`, { Action: 'iam:GetRole', ...toService('ec2.amazonaws.com') }),
      'Lets deployer use iam:GetRole on a, nothing else.',
    ],
    [
      'callers by their ARN',
      pass(`${ARN}/a`, { Condition: { ArnLike: { 'aws:PrincipalArn': `${ARN}/ci` } } }),
      'Lets deployer pass a (under conditions, see Details), nothing else.',
    ],
    [
      'with MFA',
      pass(`${ARN}/a`, { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } }),
      'Lets deployer pass a (with MFA), nothing else.',
    ],
    [
      'until an end',
      pass(`${ARN}/a`, { Condition: { DateLessThan: { 'aws:CurrentTime': '2026-11-24T20:00:00Z' } } }),
      'Lets deployer pass a (until it ends), nothing else.',
    ],
    [
      'for one account',
      pass(`${ARN}/a`, { Condition: { StringEquals: { 'aws:SourceAccount': '1' } } }),
      'Lets deployer pass a (for one account), nothing else.',
    ],
    [
      'for one resource',
      pass(`${ARN}/a`, { Condition: { ArnLike: { 'aws:SourceArn': '1' } } }),
      'Lets deployer pass a (for one resource), nothing else.',
    ],
    [
      'in a Region',
      pass(`${ARN}/a`, { Condition: { StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } } }),
      'Lets deployer pass a (in the Region), nothing else.',
    ],
    [
      'under other conditions',
      pass(`${ARN}/a`, { Condition: { StringEquals: { 'aws:PrincipalTag/x': '1', 'aws:PrincipalTag/y': '1' } } }),
      'Lets deployer pass a (under conditions, see Details), nothing else.',
    ],
    [
      'an action that is not ours',
      pass(`${ARN}/a`, { Action: 'iam:GetRole' }),
      'Lets deployer use iam:GetRole on a, nothing else.',
    ],
  ])('names %s', (_, statement, words) => {
    expect(line(change(onRole, [statement]))).toBe(words)
  })

  it('names the path of who has the policy, of whose trust changes and of who is let in', () => {
    const moved = { ...onRole, arn: `${ARN}/ci/${onRole.name}` }
    expect(line(change(moved, [pass(`${ARN}/a`)]))).toBe('Lets /ci/deployer pass a, nothing else.')
    const opened = { ...target('role-trust-policy', 'app'), arn: `${ARN}/team/app` }
    const statement: Statement = { Effect: 'Allow', Principal: { AWS: `${ARN}/ci/runner` }, Action: 'sts:AssumeRole' }
    expect(line(change(opened, [statement]))).toBe('Lets /ci/runner assume /team/app, nothing else.')
  })

  it('names who has the policy', () => {
    expect(line(change(target('managed-policy', 'shared'), [pass(`${ARN}/a`)]))).toBe(
      'Lets everyone with policy shared pass a, nothing else.',
    )
    expect(line(change(target('permission-set-inline-policy', 'Admin'), [pass(`${ARN}/a`)]))).toBe(
      'Lets everyone with permission set Admin pass a, nothing else.',
    )
  })

  it.each<[string, Partial<Statement>, string]>([
    ['a role', { Principal: { AWS: `${ARN}/ci` } }, 'ci'],
    ['two roles', { Principal: { AWS: [`${ARN}/ci`, `${ARN}/cd`] } }, 'ci and cd'],
    ['an account', { Principal: { AWS: 'arn:aws:iam::444455556666:root' } }, 'all of account 444455556666'],
    ['an account by its id', { Principal: { AWS: '444455556666' } }, 'all of account 444455556666'],
    ['everybody', { Principal: '*' }, 'everybody'],
    ['one of everybody', { Principal: '*', Condition: { ArnLike: { 'aws:PrincipalArn': `${ARN}/ci` } } }, 'ci'],
    ['a service', { Principal: { Service: 'ec2.amazonaws.com' } }, 'EC2 instances'],
    [
      'a permission set',
      { Principal: { AWS: `${ARN}/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef` } },
      'everyone with permission set Admin',
    ],
    [
      'a provider',
      {
        Principal: { Federated: 'arn:aws:iam::111122223333:oidc-provider/idp.example' },
        Action: 'sts:AssumeRoleWithWebIdentity',
      },
      'everybody who signs in through idp.example',
    ],
    [
      'a token',
      {
        Principal: { Federated: 'arn:aws:iam::111122223333:oidc-provider/idp.example' },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: { StringEquals: { 'idp.example:sub': 'odd subject' } },
      },
      'tokens of odd subject',
    ],
  ])('names who may assume the role: %s', (_, more, who) => {
    const statement = { Effect: 'Allow', Action: 'sts:AssumeRole', ...more } as Statement
    expect(line(change(target('role-trust-policy', 'app'), [statement]))).toMatch(
      new RegExp(`^Lets ${who.replaceAll('.', '\\.')} assume app.*, nothing else\\.$`),
    )
  })

  const trust = (more: Partial<Statement>) =>
    line(
      change(target('role-trust-policy', 'app'), [{ Effect: 'Allow', Action: 'sts:AssumeRole', ...more } as Statement]),
    )

  it.each<[string, Partial<Statement>, string]>([
    [
      'a token with its audience',
      {
        Principal: { Federated: 'arn:aws:iam::111122223333:oidc-provider/idp.example' },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: { StringEquals: { 'idp.example:sub': 'odd subject', 'idp.example:aud': 'sts.amazonaws.com' } },
      },
      'Lets tokens of odd subject assume app, nothing else.',
    ],
    [
      'one caller by its ARN, with MFA',
      {
        Principal: { AWS: 'arn:aws:iam::111122223333:root' },
        Condition: {
          ArnLike: { 'aws:PrincipalArn': `${ARN}/ci` },
          Bool: { 'aws:MultiFactorAuthPresent': 'true' },
        },
      },
      'Lets ci assume app (with MFA), nothing else.',
    ],
    ['somebody', { Principal: { CanonicalUser: '79a5' } }, 'Lets somebody assume app, nothing else.'],
  ])('names nothing twice of who may assume the role: %s', (_, more, words) => {
    expect(trust(more)).toBe(words)
  })

  it('names the conditions of one grant in two policies together', () => {
    const mfa = pass(`${ARN}/a`, { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } })
    const limited = pass(`${ARN}/b`, { Condition: { DateLessThan: { 'aws:CurrentTime': '2026-11-24T20:00:00Z' } } })
    expect(line(change(onRole, [mfa]), change(onRole, [limited]))).toBe(
      'Lets deployer pass a and b (with MFA, until it ends), nothing else.',
    )
  })

  it('names two grants, and counts the others', () => {
    const changes = ['a', 'b', 'c', 'd'].map(name => change(target('role-inline-policy', name), [pass(`${ARN}/x`)]))
    expect(line(...changes.slice(0, 2))).toBe('Lets a pass x, and lets b pass x, nothing else.')
    expect(line(...changes.slice(0, 3))).toBe(
      'Lets a pass x, and lets b pass x, and 1 more grant (see Details), nothing else.',
    )
    expect(line(...changes)).toBe('Lets a pass x, and lets b pass x, and 2 more grants (see Details), nothing else.')
  })

  it('names only what is new', () => {
    const old = pass(`${ARN}/a`, { Sid: 'A', ...toService('ec2.amazonaws.com') })
    const grown = pass(`${ARN}/a`, { Sid: 'A', ...toService('ec2.amazonaws.com', 'ecs-tasks.amazonaws.com') })
    expect(line(change(onRole, [grown], [old]))).toBe('Lets deployer pass a to ECS tasks, nothing else.')
    expect(line(change(onRole, [old], [old]))).toBeNull()
    expect(line({ ...change(onRole, [old]), required: false })).toBeNull()
  })

  it('names a principal and its roles once, also for two actions', () => {
    const next = pass(`${ARN}/b`, { Action: 'iam:GetRole' })
    expect(line(change(onRole, [pass(`${ARN}/a`), next]))).toBe(
      'Lets deployer pass a, and use iam:GetRole on b, nothing else.',
    )
    expect(line(change(onRole, [pass(`${ARN}/b`), next]))).toBe(
      'Lets deployer pass b, and use iam:GetRole on the same, nothing else.',
    )
  })

  it('counts the principals that it does not name', () => {
    const AWS = ['a', 'b', 'c', 'd'].map(name => `${ARN}/${name}`)
    expect(
      line(change(target('role-trust-policy'), [{ Effect: 'Allow', Principal: { AWS }, Action: 'sts:AssumeRole' }])),
    ).toBe('Lets a, b and 2 more principals assume deployer, nothing else.')
  })

  it('says that it withdraws a grant that did not help', () => {
    const old = pass(`${ARN}/a`, { Sid: 'A' })
    const next = pass(`${ARN}/b`, { Sid: 'B', Action: 'iam:GetRole' })
    expect(line(change(onRole, [next], [old]))).toBe(
      'Lets deployer use iam:GetRole on b, nothing else. Withdraws what did not help.',
    )
    expect(line(change(onRole, [], [old]))).toBe('Withdraws an earlier grant, nothing else.')
    const previous = { id: 'p1', withdrawn: true } as NonNullable<Proposal['previous']>
    const words = (statements: readonly Statement[], required: boolean) => {
      const text = changeLine([{ ...change(onRole, statements, [old]), required }], { previous })
      return text === null ? null : asPlainText(text)
    }
    expect(words([old, next], true)).toBe(
      'Lets deployer use iam:GetRole on b, nothing else. Withdraws what did not help.',
    )
    expect(words([old], true)).toBe('Withdraws an earlier grant, nothing else.')
    expect(words([old, next], false)).toBeNull()
  })
})

describe('the line of the risk', () => {
  const warn = (id: string, detail: string | null, outcome: 'warn' | 'pass' = 'warn', link?: string) => ({
    ...{ id, outcome, detail },
    ...(link === undefined ? {} : { link }),
  })
  const risk = (level: 'low' | 'elevated' | 'high', ...guardrails: readonly ReturnType<typeof warn>[]) =>
    asPlainText(riskLine({ ...VERIFICATION, risk: level, guardrails }))

  it('says what the first warning says, and counts the others', () => {
    expect(risk('high', warn('a', 'Admin.'))).toBe('High risk. Admin.')
    expect(risk('elevated', warn('a', 'One.'), warn('b', 'Two.'), warn('c', 'Three.'))).toBe(
      'Elevated risk. One. 2 more in Details.',
    )
    const page = 'https://pathfinding.cloud/paths/ecs-001'
    expect(risk('high', warn('a', 'Admin.', 'warn', page), warn('b', 'Two.'))).toBe(
      `High risk. Admin. How it is done (${page}). 1 more in Details.`,
    )
    expect(risk('high', warn('a', 'Admin.', 'warn', 'https://pathfinding.cloud.evil.example/'))).toBe(
      'High risk. Admin.',
    )
    const pages = catalog().map(({ source }) => source)
    expect(pages.filter(source => !risk('high', warn('a', 'Admin.', 'warn', source)).includes(source))).toEqual([])
  })

  it('says what somebody could become before the trust that leads there', () => {
    const trust = warn('trust-account', 'admin would trust account 444455556666.')
    for (const id of ['administrator-equivalent', 'blind', 'destroy'])
      expect(risk('high', warn('web-identity-subject', 'Anybody.'), trust, warn(id, 'It could.'))).toBe(
        'High risk. It could. 2 more in Details.',
      )
  })

  it('says of a low risk that nothing else becomes possible, and of others where to read on', () => {
    expect(risk('low')).toBe('Low risk. Nothing else becomes possible.')
    const { proof: _, ...before } = VERIFICATION
    expect(asPlainText(riskLine(before))).toBe('Low risk. No similar call becomes possible.')
    const proof = { outcome: 'others-too', detail: 'Everyone who is assigned gets it too.' } as const
    expect(asPlainText(riskLine({ ...VERIFICATION, proof }))).toBe('Low risk. Everyone who is assigned gets it too.')
    expect(risk('elevated')).toBe('Elevated risk. Details say what it opens.')
    expect(risk('elevated', warn('likely-verdict', 'x'))).toBe('Elevated risk. The cause is not certain.')
    expect(risk('elevated', warn('likely-verdict', 'x', 'pass'))).toBe('Elevated risk. Details say what it opens.')
    expect(risk('elevated', warn('unseen-layers', 'x'), warn('b', null), warn('c', 'C.', 'pass'))).toBe(
      'Elevated risk. Details say what it opens.',
    )
  })
})

describe('the line of what was not seen', () => {
  const unseen = (id: string, outcome: 'warn' | 'pass', detail: string | null) => {
    const text = unseenLine({ ...VERIFICATION, guardrails: [{ id, outcome, detail }] })
    return text === null ? null : asPlainText(text)
  }
  it('is there where something was not seen', () => {
    expect(unseen('unseen-layers', 'warn', 'The SCPs could not be read.')).toBe('The SCPs could not be read.')
    expect(unseen('unseen-layers', 'pass', 'The SCPs were read.')).toBeNull()
    expect(unseen('unseen-layers', 'warn', null)).toBeNull()
    expect(unseen('likely-verdict', 'warn', 'The cause is likely.')).toBeNull()
  })
})

describe('the line of how it ends', () => {
  const undo = (
    limitedGrantHours: number | null,
    limitHours?: number | null,
    primary: CardAction | null = 'approve-limited',
    atMs = NOON,
  ) => {
    const approvals = limitHours === undefined ? [] : [{ ...APPROVAL, signed: null, atMs, limitHours }]
    const proposal = { ...sampleProposal(), approvals } as Proposal
    return asPlainText(undoLine(proposal, { limitedGrantHours, bridgeHours: 72 }, NOON, primary))
  }
  it('says how it is reverted, and when it ends by itself', () => {
    expect(undo(null)).toBe('Can be reverted with one click.')
    expect(undo(null, null)).toBe('Can be reverted with one click.')
    // NOON is 24 November 2026.
    expect(undo(8)).toBe(
      'Can be reverted with one click. For 8 h, it ends by itself 2026-11-24 20:00 UTC, later if approved later.',
    )
    expect(undo(8, 4)).toBe('Ends by itself 2026-11-24 16:00 UTC; can be reverted with one click before.')
  })

  it('is about the button that stands first', () => {
    expect(undo(8, undefined, 'approve')).toBe('Stays until somebody reverts it, with one click.')
    for (const primary of ['revert', 'pull-only', null] as const)
      expect(undo(8, undefined, primary)).toBe('Can be reverted with one click.')
    expect(undo(8, undefined, 'approve-with-pull')).toBe(
      'Can be reverted with one click. For 72 h at most, it ends by itself 2026-11-27 12:00 UTC, later if approved later, sooner once the code has it.',
    )
    // An earlier approval ends the grant sooner, whatever is pressed now; one whose time is over ends nothing.
    expect(undo(8, 4, 'approve')).toMatch(/^Ends by itself 2026-11-24 16:00/)
    expect(undo(2, 4)).toMatch(/For 2 h, it ends by itself 2026-11-24 14:00/)
    expect(undo(8, 4, 'approve', NOON - 5 * 3_600_000)).toMatch(/^Stays until/)
  })
})

describe('a limit of words', () => {
  const within = (text: RichText, most: number) => asPlainText(withinWords(text, most))

  it('counts parts that hold a letter or a digit', () => {
    expect([wordsIn(''), wordsIn('a – b, c'), wordsIn('  a\n1 '), wordsIn('· !')]).toEqual([0, 3, 2, 0])
  })

  it('keeps a text that fits, and cuts one that does not between two words', () => {
    expect(within([own('one two three')], 3)).toBe('one two three')
    expect(within([own('one two three')], 2)).toBe('one two…')
    expect(within([own('one '), own('two three'), own(' four')], 2)).toBe('one two…')
    expect(within([own('one')], 0)).toBe('…')
    // One word in two parts.
    expect(within([code('app-task'), own('’s role')], 2)).toBe('app-task’s role')
    expect(within([own('one two '), time(NOON)], 2)).toBe('one two …')
    expect(within(richText`${'a'} ${'b'} ${'c'} ${'d'}`, 3)).toBe('a b c …')
    expect(within(richText`${'a'} (${'b'})`, 1)).toBe('a…')
  })

  it('makes the longest lines shorter first', () => {
    const lines = [[own('a b c d e')], [own('f g')], [own('h i j')]]
    expect(withinTotal(lines, 10).map(asPlainText)).toEqual(['a b c d e', 'f g', 'h i j'])
    expect(withinTotal(lines, 8).map(asPlainText)).toEqual(['a b c…', 'f g', 'h i j'])
    expect(withinTotal(lines, 6).map(asPlainText)).toEqual(['a b…', 'f g', 'h i…'])
    expect(withinTotal(lines, 0).map(asPlainText)).toEqual(['a…', 'f…', 'h…'])
    expect(withinTotal([], 0)).toEqual([])
  })

  it('keeps a link, whose address counts nothing', () => {
    const page = link('the page', 'https://eu-west-1.console.aws.amazon.com/x?a=b')
    const text = [own('one two three '), page, own(' four')]
    const cut = (most: number) =>
      withinWords(text, most).map(span => (span.kind === 'link' ? '[page]' : asPlainText([span])))
    expect(withinWords(text, 6)).toEqual(text)
    expect(cut(5)).toEqual(['one two three ', '[page]', '…'])
    expect(cut(4)).toEqual(['one two', '…', ' ', '[page]'])
    expect(cut(1)).toEqual(['…', ' ', '[page]'])
    expect(withinTotal([text, [own('a b c d')]], 6).map(line => line.some(span => span.kind === 'link'))).toEqual([
      true,
      false,
    ])
    expect(withinTotal([text, [own('a b c d')]], 3)[1]).toEqual([own('a'), own('…')])
  })
})
