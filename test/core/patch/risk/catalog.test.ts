import { describe, expect, it } from 'vitest'
import { parsePath, pathCalled, pathsWithin } from '../../../../core/patch/risk/table/catalog.ts'

const line = (changes: { gain?: string; needs?: string; source?: string } = {}) =>
  [
    'x-1',
    changes.gain ?? 'rewrites',
    changes.needs ?? 'iam:PutRolePolicy on role',
    'write {it}',
    changes.source ?? 'pathfinding',
  ].join(' | ')
const gainOf = (gain: string) => parsePath(line({ gain }), 'guard').gain

describe('a line of the table of paths', () => {
  it('is five columns: id, gain, needs, description and source', () => {
    expect(
      parsePath(line({ needs: 'ssm:SendCommand on instance, document + iam:PutRolePolicy on role' }), 'guard'),
    ).toEqual({
      id: 'x-1',
      category: 'guard',
      gain: { kind: 'rewrites' },
      needs: [
        { action: 'ssm:SendCommand', on: ['instance', 'document'] },
        { action: 'iam:PutRolePolicy', on: ['role'] },
      ],
      does: 'write {it}',
      source: 'https://pathfinding.cloud/paths/x-1',
    })
  })

  it.each([
    ['four columns', 'x-1 | rewrites | iam:PutRolePolicy on role | write {it}', 'Not five columns'],
    ['six columns', `${line()} | more`, 'Not five columns'],
    ['no need', line({ needs: '' }), 'Not an action on a resource'],
    ['a need without a service', line({ needs: 'PutRolePolicy on role' }), 'Not an action on a resource'],
    ['a pattern', line({ needs: 'iam:Put* on role' }), 'Not an action on a resource'],
    ['a need without a resource', line({ needs: 'iam:PutRolePolicy' }), 'No kind of resource is called '],
    ['an unknown kind', line({ needs: 'iam:PutRolePolicy on roles' }), 'No kind of resource is called roles'],
    [
      'an unknown second kind',
      line({ needs: 'ssm:SendCommand on instance, paper' }),
      'No kind of resource is called paper',
    ],
    [
      'a name of every object',
      line({ needs: 'iam:PutRolePolicy on toString' }),
      'No kind of resource is called toString',
    ],
    ['an unknown gain', line({ gain: 'enriches' }), 'Nothing is won by enriches'],
    ['an unknown guard', line({ gain: 'unguards door' }), 'No guard is called door'],
  ])('is refused with %s', (_, text, message) => {
    expect(() => parsePath(text, 'guard')).toThrow(message)
  })

  it.each([
    ['administrator', { kind: 'administrator' }],
    ['becomes', { kind: 'becomes' }],
    ['joins', { kind: 'joins' }],
    ['assumes', { kind: 'assumes' }],
    ['runs ec2 oidc.eks', { kind: 'runs', trusts: ['ec2.amazonaws.com', 'oidc.eks'] }],
    ['federates', { kind: 'federates', trusts: [] }],
    ['federates rolesanywhere', { kind: 'federates', trusts: ['rolesanywhere.amazonaws.com'] }],
    ['passes lambda', { kind: 'passes', trusts: ['lambda.amazonaws.com'], sends: ['lambda.amazonaws.com'] }],
    [
      'passes ec2 as ec2 elasticbeanstalk',
      { kind: 'passes', trusts: ['ec2.amazonaws.com'], sends: ['ec2.amazonaws.com', 'elasticbeanstalk.amazonaws.com'] },
    ],
    ['passes lambda as ?', { kind: 'passes', trusts: ['lambda.amazonaws.com'], sends: [] }],
    ['unguards boundary', { kind: 'unguards', guard: 'boundary' }],
    ['unguards deny', { kind: 'unguards', guard: 'deny' }],
    ['unguards mfa', { kind: 'unguards', guard: 'mfa' }],
    ['unguards organization', { kind: 'unguards', guard: 'organization' }],
  ])('wins %s', (text, gain) => {
    expect(gainOf(text)).toEqual(gain)
  })

  it.each([
    [
      'hacktricks aws-iam',
      'https://cloud.hacktricks.wiki/en/pentesting-cloud/aws-security/aws-privilege-escalation/aws-iam-privesc/index.html',
    ],
    ['authorization awsglue', 'https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsglue.html'],
    ['docs IAM/latest/UserGuide/access_tags.html', 'https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html'],
    ['https://example.com/page', 'https://example.com/page'],
  ])('is published at %s', (source, page) => {
    expect(parsePath(line({ source }), 'guard').source).toBe(page)
  })
})

describe('the paths within some actions', () => {
  const within = (...actions: string[]) => pathsWithin(new Set(actions)).map(({ id }) => id)
  it('need no other action, and are in the order of the table', () => {
    expect(within()).toEqual([])
    expect(within('s3:GetObject')).toEqual([])
    expect(within('iam:PutRolePolicy')).toEqual(['iam-005'])
    // iam-017 needs both, sts-001 comes last in the table.
    expect(within('sts:AssumeRole', 'iam:PutRolePolicy')).toEqual(['iam-005', 'iam-017', 'sts-001'])
    expect(within('lambda:CreateFunction', 'lambda:InvokeFunction')).toEqual([])
    expect(within('lambda:CreateFunction', 'lambda:InvokeFunction', 'iam:PassRole')).toEqual(['lambda-001'])
  })

  it('can be asked for by name', () => {
    expect(pathCalled('iam-005').needs).toEqual([{ action: 'iam:PutRolePolicy', on: ['role'] }])
    expect(() => pathCalled('iam-000')).toThrow('No path is called iam-000')
  })
})
