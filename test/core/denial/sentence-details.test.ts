import { describe, expect, it } from 'vitest'
import { denialsInLog } from '../../../core/denial/logs/denials-in-log.ts'
import { parseMessage } from '../../../core/denial/parse-denial.ts'
import { callOfTerraform } from '../../../core/denial/resource-types/calls-of-types.ts'

const ROLE = 'arn:aws:iam::111122223333:role/orders-task'
const CI = 'arn:aws:iam::111122223333:user/ci'
const BECAUSE = ' because no identity-based policy allows the iam:PassRole action'
const sentence = (resource: string, after = BECAUSE) =>
  `User: ${CI} is not authorized to perform: iam:PassRole on resource: ${resource}${after}`

function denialIn(text: string) {
  const parsed = parseMessage(text)
  if (parsed.kind !== 'denial') throw new Error(parsed.why)
  return parsed.denial
}

describe('who was denied', () => {
  it.each([
    ['arn:aws:sts::111122223333:assumed-role/DeployServiceRole.../deploy', 'role'],
    ['arn:aws:sts::111122223333:assumed-role/...ServiceRole/deploy', 'role'],
    ['arn:aws:sts::111122223333:assumed-role/...', 'role'],
    ['arn:aws:iam::111122223333:user/depl...', 'user'],
  ])('has no name where dots are in the place of a part of it: %s', (caller, kind) => {
    const { principal, resource } = denialIn(sentence(ROLE).replace(CI, caller))
    const { arn, name, roleArn, accountId } = principal
    expect({ kind: principal.kind, arn, name, roleArn, accountId, resource }).toEqual({
      ...{ kind, arn: null, name: null, roleArn: null, accountId: '111122223333', resource: ROLE },
    })
  })

  it('is the role of a session that is left out', () => {
    const { principal } = denialIn(sentence(ROLE).replace(CI, 'arn:aws:sts::111122223333:assumed-role/deploy/...'))
    expect(principal).toMatchObject({ roleArn: 'arn:aws:iam::111122223333:role/deploy', name: 'deploy' })
  })

  it.each([
    ['is root where AWS says that root may assume nothing', 'Roles may not be assumed by root accounts.', 'root', null],
    [
      'is unknown where the sentence says “you”',
      `You are not authorized to perform: iam:PassRole on resource: ${ROLE}`,
      'unknown',
      null,
    ],
    [
      'is the ARN before the sentence, also without “User:”',
      `arn:aws:sts::111122223333:assumed-role/deployer/run is not authorized to perform: iam:PassRole on resource: ${ROLE}`,
      'role',
      'arn:aws:sts::111122223333:assumed-role/deployer/run',
    ],
    [
      'is the ARN that ends just before the sentence, not a word of it',
      `Error (arn:aws:sts::111122223333:assumed-role/deployer/run) is not authorized to perform: iam:PassRole on resource: ${ROLE}`,
      'role',
      'arn:aws:sts::111122223333:assumed-role/deployer/run',
    ],
    [
      'is the holder of a token where only the action says so',
      `Not authorized to perform sts:AssumeRoleWithWebIdentity`,
      'web-identity',
      null,
    ],
  ])('%s', (_, text, kind, arn) => {
    expect(denialIn(text).principal).toMatchObject({ kind, arn })
  })
})

describe('the role of a sentence', () => {
  it.each([
    ['bold', `**${ROLE}**`, ROLE],
    ['behind four asterisks', `****${ROLE}`, ROLE],
    ['quoted as code', `\`${ROLE}\``, ROLE],
    ['broken at its hyphen', 'arn:aws:iam::111122223333:role/orders-\ntask', ROLE],
    [
      'of a service, broken within its name',
      'arn:aws:iam::111122223333:role/aws-service-role/es.amazonaws.com/AWSService\nRoleForAmazonElasticsearchService',
      'arn:aws:iam::111122223333:role/aws-service-role/es.amazonaws.com/AWSServiceRoleForAmazonElasticsearchService',
    ],
  ])('that is %s is read', (_, written, arn) => {
    expect(denialIn(sentence(written)).resource).toBe(arn)
  })

  it.each([
    ['is hidden by asterisks', '****', 'masked'],
    ['is any', '*', 'not-named'],
    ['is cut after the partition', 'arn:aws', 'masked'],
    ['is no ARN', 'arn:', 'malformed'],
    ['is a placeholder', '<role-arn>', 'placeholder'],
  ])('that %s is not read, and the reason behind it is', (_, written, kind) => {
    const denial = denialIn(sentence(written))
    expect(denial.resource).toBeNull()
    expect(denial.unread?.kind).toBe(kind)
  })

  it('is not the reason behind it where it names none', () => {
    for (const written of ['*', '****', 'arn:aws', '<role-arn>'])
      expect([written, denialIn(sentence(written)).reason]).toEqual([written, 'no-identity-policy'])
  })
})

describe('the service of a service-linked role', () => {
  const LINKED =
    'arn:aws:iam::111122223333:role/aws-service-role/es.amazonaws.com/AWSServiceRoleForAmazonOpenSearchService'
  it('is a condition key of the call, by the name of the role', () => {
    const text = `User: ${CI} is not authorized to perform: iam:CreateServiceLinkedRole on resource: ${LINKED}`
    expect(denialIn(text).context).toEqual({ 'iam:awsservicename': { state: 'present', values: ['es.amazonaws.com'] } })
    expect(denialIn(text.replace(LINKED, ROLE)).context).toEqual({})
  })
})

describe('a name that is broken where its sentence ends', () => {
  it.each([
    ['after a hyphen', 'arn:aws:iam::111122223333:role/orders-\ntask', 'arn:aws:iam::111122223333:role/orders-task'],
    ['before the name', 'arn:aws:iam::111122223333:role/\norders', 'arn:aws:iam::111122223333:role/orders'],
    [
      'after a whole word',
      'arn:aws:iam::111122223333:role/orders\nNext step failed',
      'arn:aws:iam::111122223333:role/orders',
    ],
  ])('%s is read', (_, written, arn) => {
    expect(denialIn(sentence(written, '\nDone in 3 s')).resource).toBe(arn)
  })
})

describe('the call of a sentence', () => {
  it.each([
    ['Error: failed registering Batch Job Definition (orders): ', 'batch.amazonaws.com', 'RegisterJobDefinition'],
    ['* registering Batch Job Definition (orders): ', 'batch.amazonaws.com', 'RegisterJobDefinition'],
    ['Error: creating Lambda Function (orders): ', 'lambda.amazonaws.com', 'CreateFunction20150331'],
  ])('is what Terraform was about: %s', (before, eventSource, eventName) => {
    expect(denialIn(before + sentence(ROLE)).call).toEqual({ eventSource, eventName })
  })

  it('is not that of a resource that only assumes its role', () => {
    expect(callOfTerraform('aws_lambda_function')).toMatchObject({ eventSource: 'lambda.amazonaws.com' })
    expect(callOfTerraform('aws_nothing')).toBeNull()
  })
})

describe('a log', () => {
  const denied = (name: string) => sentence(`arn:aws:iam::111122223333:role/${name}`)
  const found = (text: string) => denialsInLog(text).denials.map(({ denial, line }) => [denial.resource, line])

  it('says the line of each denial, in the order of the lines', () => {
    expect(found(['a', denied('one'), '', denied('two')].join('\n'))).toEqual([
      ['arn:aws:iam::111122223333:role/one', 2],
      ['arn:aws:iam::111122223333:role/two', 4],
    ])
  })

  it('is read where its text is coded for an address', () => {
    const coded = encodeURIComponent(denied('one'))
    expect(found(`https://example.com/?error=${coded}\n${denied('two')}`)).toEqual([
      ['arn:aws:iam::111122223333:role/one', 1],
      ['arn:aws:iam::111122223333:role/two', 2],
    ])
  })

  it('that decodes a message of EC2 names what that says', () => {
    const decoded = JSON.stringify({
      allowed: false,
      explicitDeny: false,
      matchedStatements: { items: [] },
      failures: { items: [] },
      context: {
        principal: { id: 'AIDAEXAMPLE', name: 'ci', arn: CI },
        action: 'iam:PassRole',
        resource: ROLE,
        conditions: { items: [] },
      },
    })
    expect(found(`${decoded}\n${denied('two')}`)).toEqual([
      [ROLE, 1],
      ['arn:aws:iam::111122223333:role/two', 2],
    ])
  })
})
