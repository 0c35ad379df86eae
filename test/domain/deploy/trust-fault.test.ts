import { describe, expect, it } from 'vitest'
import { isGeneratedName } from '../../../core/diagnosis/index.ts'
import { serviceReports } from '../../../functions/domain/deploy/service-reports.ts'
import { faultAnswer, type TrustFacts } from '../../../functions/domain/deploy/trust-fault.ts'

const CAUSES = [
  null,
  'trust-gap',
  'trust-condition',
  'explicit-deny',
  'rcp-gap',
  'role-not-found',
  'role-name-mismatch',
  'reserved-role',
  'deleted-trust-principal',
  'unknown',
]
const ALL: readonly TrustFacts[] = (['source', 'text'] as const).flatMap(shownBy =>
  (['allowed', 'denied', 'unknown'] as const).flatMap(answer =>
    CAUSES.flatMap(cause =>
      (['patch', 'code', 'owner', null] as const).flatMap(fix =>
        [true, false].map(hasGeneratedName => ({ shownBy, answer, cause, fix, hasGeneratedName })),
      ),
    ),
  ),
)

describe('what follows from a service that cannot use its role', () => {
  it('is a patch only where the source shows the need and IAM denies it', () => {
    const patched = ALL.filter(facts => faultAnswer(facts) === 'patch')
    expect(patched.length).toBeGreaterThan(0)
    for (const { shownBy, answer, fix } of patched)
      expect([shownBy, answer, fix]).toEqual(['source', 'denied', 'patch'])
  })

  it('is another try exactly where IAM lets the service in', () => {
    for (const facts of ALL) expect(faultAnswer(facts) === 'retry').toBe(facts.answer === 'allowed')
  })

  it('is not known where IAM could not be read', () => {
    for (const facts of ALL.filter(({ answer }) => answer === 'unknown')) expect(faultAnswer(facts)).toBe('unknown')
  })

  const base: TrustFacts = { shownBy: 'text', answer: 'denied', cause: null, fix: null, hasGeneratedName: false }
  it.each<[string, Partial<TrustFacts>, string]>([
    ['a role that does not exist', { cause: 'role-not-found' }, 'missing'],
    ['a gone role whose name was chosen by the deploy', { cause: 'role-not-found', hasGeneratedName: true }, 'code'],
    ['a source with another path', { shownBy: 'source', cause: 'role-name-mismatch', fix: 'owner' }, 'code'],
    ['a role of AWS', { cause: 'reserved-role' }, 'owner'],
    ['an explicit deny', { cause: 'explicit-deny' }, 'owner'],
    ['a gap that only a text reports', { cause: 'trust-gap' }, 'unknown'],
    ['a document of the source', { shownBy: 'source', cause: 'trust-gap', fix: 'code' }, 'code'],
  ])('is told for %s', (_, facts, answer) => {
    expect(faultAnswer({ ...base, ...facts })).toBe(answer)
  })
})

describe('a name that the deploy chose', () => {
  it.each([
    ['arn:aws:iam::111122223333:role/orders-WorkerRole-1A2B3C4D5E6F', 'orders', true],
    ['arn:aws:iam::111122223333:role/orders-WorkerServiceRole8C-aB3dE5fG7hI9', 'orders', true],
    ['arn:aws:iam::111122223333:role/terraform-20261124024731000000000001', null, true],
    ['arn:aws:iam::111122223333:role/orders-run', 'orders', false],
    ['arn:aws:iam::111122223333:role/orders-worker-production', 'orders', false],
  ])('is told from a fixed one: %s', (role, stack, expected) => {
    expect(isGeneratedName(role, stack)).toBe(expected)
  })
})

describe('the texts of a failed deploy', () => {
  const reason = (text: string, resource: string | null = 'Worker') => ({
    ...{ text, resource, resourceType: resource === null ? null : 'AWS::Lambda::Function', atMs: 0 },
  })
  const read = (text: string, resource: string | null = 'Worker') =>
    serviceReports([reason(text, resource)]).map(({ kind, resource: at, service }) => [kind, at, service])

  it('report what a service could not assume, once', () => {
    const text = 'The role defined for the function cannot be assumed by Lambda.'
    expect(serviceReports([reason(text), reason(text)])).toHaveLength(1)
    expect(read(text)).toEqual([['cannot-assume', 'Worker', 'lambda.amazonaws.com']])
  })

  it('report a service-linked role that a service picks by itself as missing', () => {
    // https://github.com/aws-samples/amazon-bedrock-samples/issues/253
    const text =
      'Resource handler returned message: "Unable to assume IAM role: arn:aws:iam::111122223333:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService (Service: ApplicationAutoScaling, Status Code: 400, Request ID: 8e0a21e4-bcba-42dc-9649-a637db947a72)" (RequestToken: cd83145c-37e2-74b0-84d5-5e70b2fcb052, HandlerErrorCode: InvalidRequest)'
    expect(read(text, 'WebTarget')).toEqual([['linked-role', 'WebTarget', 'ecs.application-autoscaling.amazonaws.com']])
  })

  it.each<[string, string]>([
    ['with aws_lambda_function.worker,', 'aws_lambda_function.worker'],
    ['with module.app["eu"].aws_lambda_function.worker[0],', 'module.app["eu"].aws_lambda_function.worker[0]'],
    ['12:00:01 PM | CREATE_FAILED        | AWS::Lambda::Function | Worker (WorkerB2C1)', 'WorkerB2C1'],
    ['CREATE_FAILED AWS::Lambda::Function WorkerFunction', 'WorkerFunction'],
  ])('name the failed resource beside the sentence: %s', (line, at) => {
    const text = `The role defined for the function cannot be assumed by Lambda.\n\n  ${line}\n`
    expect(read(text, null)).toEqual([['cannot-assume', at, 'lambda.amazonaws.com']])
  })

  // https://github.com/aws/aws-cdk/issues/5180
  it('name no resource whose logical id a terminal has broken', () => {
    const row =
      '11:27:59 AM | CREATE_FAILED        | AWS::CloudFront::Distribution | MyDistribution/CFDistribution (MyDistributionCFDistributionDE147309\n) The function execution role must be assumable with edgelambda.amazonaws.com as well as lambda.amazonaws.com principals.'
    expect(read(row, null)).toEqual([['cannot-assume', null, 'edgelambda.amazonaws.com']])
  })

  it.each<[string, string | null]>([
    [
      'Unable to assume the service linked role. Please verify that the ECS service linked role exists.',
      'ecs.amazonaws.com',
    ],
    ['Failed creating service linked role AWSServiceRoleForElasticLoadBalancing', 'elasticloadbalancing.amazonaws.com'],
    ['Failed to create the service-linked role for spot.amazonaws.com', 'spot.amazonaws.com'],
    ['The service linked role does not exist', null],
  ])('name the service of a missing service-linked role: %s', (text, service) => {
    expect(read(text)).toEqual([['linked-role', 'Worker', service]])
  })

  it('take a code only beside words about a role, and no denial of a principal', () => {
    expect(read('Invalid service role (Error Code: InvalidInputException)')).toEqual([
      ['cannot-assume', 'Worker', null],
    ])
    expect(read('The memory size is wrong (Error Code: InvalidInputException)')).toEqual([])
    expect(read('Invalid service role (Error Code: InvalidInputException)', null)).toEqual([])
    const denied =
      'User: arn:aws:iam::111122223333:user/ada is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/x (ValidationException)'
    expect(read(denied)).toEqual([])
    const linked =
      'User: arn:aws:iam::111122223333:user/ada is not authorized to perform: iam:CreateServiceLinkedRole on resource: arn:aws:iam::111122223333:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS because no service-linked role policy was found'
    expect(read(linked)).toEqual([])
  })
})
