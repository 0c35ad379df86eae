import { describe, expect, it } from 'vitest'
import { denialsIn } from '../../../core/denial/logs/denials-in-log.ts'
import { otherSentenceAt } from '../../../core/denial/message/other-sentences.ts'
import { cpuMs } from '../../cpu-time.ts'

const ROLE = 'arn:aws:iam::111122223333:role/cdk-lookup'

/** The sentence by its keyword, and the part of the text that it covers. */
function read(text: string, word: string) {
  const found = otherSentenceAt(text, text.indexOf(word))
  return found && { ...found, covered: text.slice(found.start, found.end) }
}

describe('a denial of a service-linked role', () => {
  it.each<[string, string, string | null]>([
    [
      'The caller does not have permission to create a Service-Linked Role for Amazon Lex',
      'inked Role',
      'lexv2.amazonaws.com',
    ],
    [
      'You do not have permissions to create the service-linked role for EC2 Spot Instances',
      'inked role',
      'spot.amazonaws.com',
    ],
    ['The user does not have permissions to create the service linked role for EC2 Spot Instances', 'inked role', null],
    [
      // https://github.com/Coalfire-Research/npk/issues/77
      'AuthFailure.ServiceLinkedRoleCreationNotPermitted: The provided credentials do not have permission to create the service-linked role for EC2 Spot Fleet.',
      'inked role',
      'spotfleet.amazonaws.com',
    ],
    ['The user does not have permission to create a service-linked role', 'inked role', null],
    [
      'The user does not have permission to create a service-linked role for AppFlow',
      'inked role',
      'appflow.amazonaws.com',
    ],
    [
      "Failed to create service linked role: AWSServiceRoleForElastiCache due to missing permissions for 'iam:CreateServiceLinkedRole'",
      'inked role',
      'elasticache.amazonaws.com',
    ],
    [
      "Failed to create service linked role: AWSServiceRoleForOrders due to missing permissions for 'iam:CreateServiceLinkedRole'",
      'inked role',
      null,
    ],
    [
      'Unable to create the resource. Verify that you have permission to create service linked role.',
      'inked role',
      'rds.amazonaws.com',
    ],
    [
      'ServiceLinkedRoleNotFoundFault: This action cannot be completed due to insufficient permissions',
      'LinkedRoleNotFound',
      'elasticache.amazonaws.com',
    ],
    ['The ECS service-linked role does not exist', 'inked role', 'ecs.amazonaws.com'],
    ['The ecs Service Linked Role does not exist', 'inked Role', 'ecs.amazonaws.com'],
    ['The Amazon RDS Service Linked Role does not exist', 'inked Role', 'rds.amazonaws.com'],
    ['The AWS Orders Service Linked Role does not exist', 'inked Role', null],
    ['Access denied when calling the CreateServiceLinkedRole operation', 'ServiceLinkedRole operation', null],
  ])('names its service if it says which: %s', (text, word, linkedService) => {
    expect(read(text, word)).toMatchObject({
      action: 'iam:CreateServiceLinkedRole',
      linkedService,
      resource: null,
      unread: { kind: 'not-named', text: null },
    })
  })

  it('covers its own words only', () => {
    const words = 'does not have permission to create a service-linked role for AppFlow'
    expect(read(`Error: the user ${words}; ask.`, 'inked role')?.covered).toBe(words)
  })

  it.each([
    ['The orders service-linked role exists', 'inked role'],
    ['You may create a service-linked role', 'inked role'],
    ['create a service-linked role does not exist', 'inked role'],
    ['Access denied when calling the CreateServiceLinkedRole function', 'ServiceLinkedRole'],
    [
      'MyServiceLinkedRoleNotFoundFault: This action cannot be completed due to insufficient permissions',
      'LinkedRoleNotFound',
    ],
  ])('is none in other words: %s', (text, word) => {
    expect(read(text, word)).toBeNull()
  })
})

describe('a denial of a role that is assumed, without its details', () => {
  it.each([
    [
      'An error occurred (AccessDenied) when calling the AssumeRole operation: Access denied',
      'AssumeRole',
      'sts:AssumeRole',
    ],
    [
      'An error occurred (AccessDenied) when calling the AssumeRoleWithWebIdentity operation: AccessDenied',
      'AssumeRole',
      'sts:AssumeRoleWithWebIdentity',
    ],
    ['could not get token: AccessDenied: Access denied', 'get token: ', 'sts:AssumeRole'],
    ['Access denied api:AssumeRole policy:orders account:dev region:eu-west-1', 'AssumeRole', 'sts:AssumeRole'],
  ])('names the operation: %s', (text, word, action) => {
    expect(read(text, word)).toMatchObject({ action, subject: null, resource: null, linkedService: null })
  })

  it.each([
    [
      'Unable to assume the service linked role. Please verify that the ECS service linked role exists.',
      'ecs.amazonaws.com',
    ],
    [
      'Unable to assume the service linked role. Please verify that the RDS service linked role exists.',
      'rds.amazonaws.com',
    ],
  ])('names the service whose role is missing: %s', (text, service) => {
    expect(read(text, 'assume')).toMatchObject({
      action: 'sts:AssumeRole',
      subject: service,
      linkedService: service,
    })
  })

  it.each([
    ["current credentials could not be used to assume '", "', but are for the right account"],
    ['current credentials could not be used to assume ', ', but are for the right account'],
  ])('names the role of the CDK: %s', (before, after) => {
    expect(read(`(node) ${before}${ROLE}${after}`, 'assume')).toMatchObject({
      action: 'sts:AssumeRole',
      resource: ROLE,
      unread: null,
      start: '(node) current credentials '.length,
    })
  })

  it.each(['444455556666', '***', 'XXXXXXXXXXXX'])('names what StackSets expects in account %s', account => {
    const words = `Account ${account} should have 'AWSCloudFormationStackSetExecutionRole' role with trust relationship to Role 'service-role/AWSControlTowerStackSetRole'.`
    const [denial, ...others] = denialsIn(`FAILED: ${words}`)
    expect(others).toEqual([])
    expect(denial).toMatchObject({
      action: 'sts:AssumeRole',
      principal: { name: 'AWSControlTowerStackSetRole' },
      resource: null,
      unread: { kind: 'not-named', text: 'AWSCloudFormationStackSetExecutionRole' },
    })
  })

  it.each(['AWSControlTowerStackSetRole', 'AWSCloudFormationStackSetAdministrationRole', 'orders-stackset_admin'])(
    'names who reports it as the one that the role has to trust, whatever its name: %s',
    role => {
      const [denial] = denialsIn(
        `Account 444455556666 should have 'orders-execution' role with trust relationship to Role '${role}'.`,
      )
      expect(denial?.principal).toMatchObject({ kind: 'service', name: role })
      const [other] = denialsIn(`The ${role}Role is unable to assume the AWSControlTowerExecution role.`)
      expect(other?.principal).toMatchObject({ kind: 'service', name: `${role}Role` })
    },
  )

  it.each([
    'The pod is unable to assume the cert-manager role.',
    'The AWSControlTowerStackSetRole is unable to assume the roles of the other accounts.',
  ])('is none where somebody tells it in other words: %s', text => {
    expect(denialsIn(text)).toEqual([])
  })

  it.each([
    'Each account should have a role with trust relationship to the administration role.',
    "Account should have 'AWSCloudFormationStackSetExecutionRole' role with trust relationship to the Role",
  ])('is none where a page explains it: %s', text => {
    expect(denialsIn(text)).toEqual([])
  })

  it.each([
    // https://github.com/jfeddern/VulnRelay/blob/main/docs/configuration/README.md
    [`ERROR: Failed to assume role ${ROLE}: AccessDenied`, 'sts:AssumeRole'],
    [`error: 'Failed to assume role ${ROLE}: Access denied'`, 'sts:AssumeRole'],
    [`failed to assume role ${ROLE} for customer test: access denied`, 'sts:AssumeRole'],
    [`**Fix**: if you see \`unable to assume role ${ROLE}: AccessDenied\`, check the trust.`, 'sts:AssumeRole'],
    [
      `Cloud Access Broker is not permitted to assume the specified role ${ROLE}\n: Access denied (Service: AWSSecurityTokenService; Status Code: 403;\n Error Code: AccessDenied; Request ID: 1a2b)`,
      'sts:AssumeRole',
    ],
    [
      `Could not assume role ${ROLE}: \nAn error occurred (AccessDenied) when calling the AssumeRoleWithWebIdentity operation`,
      'sts:AssumeRoleWithWebIdentity',
    ],
  ])('names the role that a tool could not assume, where STS said no more than that: %j', (text, action) => {
    expect(denialsIn(text).map(denial => [denial.action, denial.principal.arn, denial.resource])).toEqual([
      [action, null, ROLE],
    ])
  })

  it.each([
    'AccessDenied: MultiFactorAuthentication failed with invalid MFA one time pass code.',
    'access denied to the secret of the profile',
    'AccessDeniedException',
    'InvalidClientTokenId: The security token included in the request is invalid',
    'MissingRegion: could not find region configuration',
    'An error occurred (ExpiredToken) when calling the AssumeRole operation',
  ])('is none where the answer is another: %s', answer => {
    expect(denialsIn(`Failed to assume role ${ROLE}: ${answer}`)).toEqual([])
  })

  it.each(['sts:AssumeRole', 'sts:TagSession', 'sts:AssumeRoleWithWebIdentity'])(
    'is what STS says, and no second denial, where that is next to it: %s',
    action => {
      const reported = `Failed to assume role ${ROLE}: AccessDenied`
      const answer = `User: arn:aws:iam::111122223333:user/ci is not authorized to perform: ${action} on resource: ${ROLE}`
      for (const text of [`${reported}\n${answer}`, `${answer}\n${reported}`, `${reported}: ${answer}`])
        expect(denialsIn(text).map(denial => [denial.action, denial.principal.arn])).toEqual([
          [action, 'arn:aws:iam::111122223333:user/ci'],
        ])
      const other = answer.replace('cdk-lookup', 'cdk-deploy')
      expect(denialsIn(`${reported}\n${other}`)).toHaveLength(2)
    },
  )

  it('stays beside a role that is passed, and beside a service that may not assume it', () => {
    const reported = `Failed to assume role ${ROLE}: AccessDenied`
    const passed = `User: arn:aws:iam::111122223333:user/ci is not authorized to perform: iam:PassRole on resource: ${ROLE}`
    expect(denialsIn(`${reported}\n${passed}`)).toHaveLength(2)
    expect(denialsIn(`${reported}\nFirehose cannot assume the role ${ROLE}.`)).toHaveLength(2)
  })

  it('is found at most 300 characters around its keyword', () => {
    const before = `(AccessDenied) when calling the`
    const text = `${'x'.repeat(1_000)} ${before} AssumeRole operation: Access denied ${'y'.repeat(1_000)}`
    expect(read(text, 'AssumeRole')).toMatchObject({
      start: 1_001,
      covered: `${before} AssumeRole operation: Access denied`,
    })
  })

  it.each([
    ['the role can be assumed ', 'assume'],
    [`he used to assume '${ROLE}'`, 'assume'],
    ['An error occurred (Throttling) when calling the AssumeRole operation: Access denied', 'AssumeRole'],
    ['could not get token: timeout', 'get token: '],
    // AWS's own sentence follows, and is read by itself.
    [`could not get token: AccessDenied: User: alice is not authorized`, 'get token: '],
    [
      '[Aws::STS::Client 403 0.2 0 retries] get_caller_identity() Aws::STS::Errors::AccessDenied Access denied',
      'Aws::STS::Client 403 ',
    ],
  ])('is none in other words: %s', (text, word) => {
    expect(read(text, word)).toBeNull()
  })

  it('is a denial with the role that a setting near it names', () => {
    const [denial] = denialsIn(
      `--role ${ROLE}\nAn error occurred (AccessDenied) when calling the AssumeRole operation: Access denied`,
    )
    expect(denial).toMatchObject({ action: 'sts:AssumeRole', resource: ROLE, roleFromLog: true })
  })
})

describe('the SDKs for Java, where STS says no more than "Access denied"', () => {
  // https://github.com/jenkinsci/aws-credentials-plugin/issues/66
  const first =
    'com.amazonaws.services.securitytoken.model.AWSSecurityTokenServiceException: Access denied (Service: AWSSecurityTokenService; Status Code: 403; Error Code: AccessDenied; Request ID: 18486065-9d7d-11e9-b24d-0d84d7b24f70)'
  const second =
    'software.amazon.awssdk.services.sts.model.StsException: Access denied (Service: Sts, Status Code: 403, Request ID: 18486065-9d7d-11e9-b24d-0d84d7b24f70)'
  // https://github.com/apache/hadoop/blob/trunk/hadoop-tools/hadoop-aws/src/site/markdown/tools/hadoop-aws/assumed_roles.md
  const frames = `${[
    '$RequestExecutor.handleErrorResponse(AmazonHttpClient.java:1638)',
    '$RequestExecutor.executeOneRequest(AmazonHttpClient.java:1303)',
    '$RequestExecutor.executeHelper(AmazonHttpClient.java:1055)',
    '$RequestExecutor.doExecute(AmazonHttpClient.java:743)',
    '$RequestExecutor.executeWithTimer(AmazonHttpClient.java:717)',
    '$RequestExecutor.execute(AmazonHttpClient.java:699)',
    '$RequestExecutor.access$500(AmazonHttpClient.java:667)',
    '$RequestExecutionBuilderImpl.execute(AmazonHttpClient.java:649)',
    '.execute(AmazonHttpClient.java:513)',
  ]
    .map(frame => `\n\tat com.amazonaws.http.AmazonHttpClient${frame}`)
    .join('')}\n\tat `
  const actions = (text: string) => denialsIn(text).map(({ action, message }) => [action, message])

  it.each<[string, string, string]>([
    [
      first,
      'com.amazonaws.services.securitytoken.AWSSecurityTokenServiceClient.executeAssumeRole(AWSSecurityTokenServiceClient.java:454)',
      'sts:AssumeRole',
    ],
    [
      first,
      'com.amazonaws.services.securitytoken.AWSSecurityTokenServiceClient.executeAssumeRoleWithWebIdentity(AWSSecurityTokenServiceClient.java:689)',
      'sts:AssumeRoleWithWebIdentity',
    ],
    [
      second,
      'software.amazon.awssdk.services.sts.DefaultStsClient.assumeRole(DefaultStsClient.java:277)',
      'sts:AssumeRole',
    ],
  ])('is read with the call that the trace names: %s', (exception, frame, action) => {
    const words = exception.slice(exception.indexOf('Access denied'))
    expect(actions(exception + frames + frame)).toEqual([[action, words]])
  })

  it.each([
    [first, ''],
    [first, 'com.amazonaws.services.securitytoken.AWSSecurityTokenServiceClient.executeGetSessionToken(A.java:1)'],
    [
      first.replaceAll('AccessDenied', 'ExpiredToken'),
      'com.amazonaws.services.securitytoken.AWSSecurityTokenServiceClient.executeAssumeRole(A.java:1)',
    ],
    [
      first.replace('Access denied (Service: AWSSecurityTokenService', 'Access denied (Service: AmazonSNS'),
      'com.amazonaws.services.securitytoken.AWSSecurityTokenServiceClient.executeAssumeRole(A.java:1)',
    ],
  ])('is not read without such a call of STS: %s %s', (exception, frame) => {
    expect(actions(exception + frames + frame)).toEqual([])
  })

  it('is not read with the call of another exception', () => {
    const other =
      '\njava.net.SocketTimeoutException: timeout\n\tat software.amazon.awssdk.services.sts.DefaultStsClient.assumeRole(D.java:1)'
    const own = 'com.amazonaws.services.securitytoken.AWSSecurityTokenServiceClient.executeGetSessionToken(A.java:1)'
    expect(actions(first + frames + own + other)).toEqual([])
    expect(actions(second + frames + other)).toEqual([])
  })

  it('is looked for in bounded time', () => {
    const startMs = cpuMs()
    denialsIn(`${first}${frames}`.repeat(2_000))
    expect(cpuMs() - startMs).toBeLessThan(2_000)
  })
})
