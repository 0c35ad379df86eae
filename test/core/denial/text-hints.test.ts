/** What the text around a sentence adds: the tool, the provider of a token, the role of a setting. */
import { describe, expect, it } from 'vitest'
import { givenRoleAround, hintsAround } from '../../../core/denial/message/text-hints.ts'

const SENTENCE = 'Not authorized to perform sts:AssumeRoleWithWebIdentity'
const ORDERS = 'arn:aws:iam::111122223333:role/orders'
const BILLING = 'arn:aws:iam::444455556666:role/billing'

const hints = (before: string, after = '') =>
  hintsAround(before + SENTENCE + after, before.length, before.length + SENTENCE.length)
const given = (before: string, after = '') =>
  givenRoleAround(before + SENTENCE + after, before.length, before.length + SENTENCE.length)

describe('the tool that printed a denial', () => {
  it.each([
    ['Run aws-actions/configure-aws-credentials@v4\n', 'github-action'],
    ['##[error]', 'github-action'],
    ['$ cdk deploy\n', 'cdk'],
    ['$ pulumi up\n', 'pulumi'],
    ['terraform apply\n', 'terraform'],
    ['aws-vault exec prod\n', 'aws-vault'],
    ['vault read aws/creds/deploy\n', 'vault'],
    ['kubectl get pods\n', 'kubectl'],
    ['WebIdentityErr: failed\n', 'kubernetes'],
    ['amplify push\n', 'amplify'],
    ['serverless deploy\n', 'serverless'],
    ['sam deploy\n', 'sam'],
    ['An error occurred (AccessDenied) when calling\n', 'aws-cli'],
    ['Error: ', null],
    // A tool that runs another tool comes first.
    ['An error occurred (AccessDenied)\nsam deploy\n', 'sam'],
    ['terraform apply\n##[error]', 'github-action'],
  ])('is named before or after it: %j', (words, tool) => {
    expect([hints(words).tool, hints('', `\n${words}`).tool]).toEqual([tool, tool])
  })
})

describe('the provider of a token', () => {
  it.each([
    ['Could not assume role with OIDC: ', 'github'],
    ['token.actions.githubusercontent.com ', 'github'],
    ['serviceaccount orders ', 'eks'],
    ['oidc.eks.eu-west-1.amazonaws.com ', 'eks'],
    ['pods are failing ', 'eks'],
    // A workflow of GitHub that deploys to EKS uses the token of GitHub.
    ['GitHub Actions deploys to EKS ', 'github'],
    ['gitlab.example.com ', null],
  ])('is named near it: %j', (words, provider) => {
    expect([hints(words).provider, hints('', ` ${words}`).provider]).toEqual([provider, provider])
  })
})

describe('the subject of a token', () => {
  it.each([
    ['the job has repo:acme/orders:ref:refs/heads/main ', 'repo:acme/orders:ref:refs/heads/main'],
    ['"sub": "system:serviceaccount:orders:api" ', 'system:serviceaccount:orders:api'],
    // Of a policy: what a token must have.
    ['"token.actions.githubusercontent.com:sub": "repo:acme/orders:ref:refs/heads/main"', undefined],
    ['"oidc.eks:sub": ["system:serviceaccount:orders:api", "system:serviceaccount:orders:web"]', undefined],
    ['variable = "oidc.eks:sub"\n values = ["system:serviceaccount:orders:api"]', undefined],
    ['repo:acme/orders:ref:refs/heads/* ', undefined],
    [
      '{"oidc.eks:sub": "system:serviceaccount:orders:api"} is not system:serviceaccount:orders:web ',
      'system:serviceaccount:orders:web',
    ],
  ])('is named near it, in no policy: %j', (words, subject) => {
    expect([hints(words).subject, hints('', ` ${words}`).subject]).toEqual([subject, subject])
  })
})

describe('the distance of a hint', () => {
  it('is at most 1,600 characters before the sentence and 900 after it', () => {
    const setting = `role-to-assume: ${ORDERS} `
    const padded = (chars: number) => setting + '.'.repeat(chars - setting.length)
    expect(hints(padded(1_600))).toMatchObject({ tool: 'github-action', provider: 'github', roleBeside: ORDERS })
    // One character further, the setting begins outside.
    expect(hints(padded(1_601))).toMatchObject({ tool: null, provider: null, roleBeside: null })
    expect(hints('', `${'.'.repeat(899 - setting.length)} ${setting}`).roleBeside).toBe(ORDERS)
    expect(hints('', `${'.'.repeat(900)}${setting}`)).toMatchObject({ tool: null, roleBeside: null })
  })

  it('is the same for the role that a setting gives to a service', () => {
    const setting = `RoleArn: ${ORDERS} `
    expect(given(setting + '.'.repeat(1_600 - setting.length))).toBe(ORDERS)
    expect(given(setting + '.'.repeat(1_601 - setting.length))).toBeNull()
    expect(given('', `${'.'.repeat(899 - setting.length)} ${setting}`)).toBe(ORDERS)
    expect(given('', `${'.'.repeat(900)} ${setting}`)).toBeNull()
  })

  it('starts where the sentence does, whatever is before it', () => {
    const far = '.'.repeat(5_000)
    expect(hints(`${far} role-to-assume: ${ORDERS}\n`).roleBeside).toBe(ORDERS)
    expect(hints(far, `\nrole-to-assume: ${ORDERS}`).roleBeside).toBe(ORDERS)
    expect(hints(`role-to-assume: ${ORDERS}\n${far}`).roleBeside).toBeNull()
    expect(given(`${far} RoleArn: ${ORDERS}\n`)).toBe(ORDERS)
    expect(given(far, `\nRoleArn: ${ORDERS}`)).toBe(ORDERS)
  })
})

describe('the role beside a sentence', () => {
  it.each([
    `role-to-assume: ${ORDERS}\n`,
    `AWS_ROLE_ARN=${ORDERS}\n`,
    `--role-arn ${ORDERS}\n`,
    `assuming role "${ORDERS}"\n`,
    `eks.amazonaws.com/role-arn: ${ORDERS}\n`,
    `role_arn = "${ORDERS}"\n`,
  ])('is that of a setting: %j', setting => {
    expect([hints(setting).roleBeside, hints('', `\n${setting}`).roleBeside]).toEqual([ORDERS, ORDERS])
  })

  it.each([
    ['the same role twice', `role_arn=${ORDERS}\nAWS_ROLE_ARN=${ORDERS}\n`, '', ORDERS],
    ['two roles', `role_arn=${ORDERS}\nAWS_ROLE_ARN=${BILLING}\n`, '', null],
    ['one before and one after', `role_arn=${ORDERS}\n`, `\nrole_arn=${BILLING}`, ORDERS],
    ['a user', 'role_arn=arn:aws:iam::111122223333:user/orders\n', '', null],
    ['a role and a user', `role_arn=arn:aws:iam::111122223333:user/ci\nrole_arn=${ORDERS}\n`, '', ORDERS],
    ['the start of a name', 'role_arn=arn:aws:iam::111122223333:role/ord...\n', '', null],
    ['no name', 'role_arn=arn:aws:iam::111122223333:role/ \n', '', null],
    ['a role of no setting', `see ${ORDERS}\n`, '', null],
  ])('is certain, or none is: %s', (_, before, after, role) => {
    expect(hints(before, after).roleBeside).toBe(role)
  })

  it('is that of a service only where the setting gives it to one', () => {
    expect(given(`--execution-role-arn ${ORDERS}\n`)).toBe(ORDERS)
    expect(given(`service_role = ${ORDERS}\n`)).toBe(ORDERS)
    expect(given(`assuming role ${ORDERS}\n`)).toBeNull()
    expect(given(`RoleArn: ${ORDERS}\nRoleArn: ${BILLING}\n`)).toBeNull()
    expect(given(`RoleArn: ${ORDERS}\n`, `\nRoleArn: ${BILLING}`)).toBe(ORDERS)
  })
})

describe('a setting that explains a denial', () => {
  it.each([
    ['No bucket named "cdk-hnb659fds-assets"', 'notBootstrapped'],
    ['SSM parameter /cdk-bootstrap/hnb659fds/version not found', 'notBootstrapped'],
    ['Has the environment been bootstrapped?', 'notBootstrapped'],
    ['Lookup role exists but was not assumed', 'roleExists'],
    ['profile has no MFA serial configured', 'noMfaSerial'],
    ['mfa_serial is missing', 'noMfaSerial'],
    ['The bucket has a name', null],
  ])('is recognized near it: %s', (words, hint) => {
    for (const { notBootstrapped, roleExists, noMfaSerial } of [hints(`${words}\n`), hints('', `\n${words}`)])
      expect({ notBootstrapped, roleExists, noMfaSerial }).toEqual({
        notBootstrapped: hint === 'notBootstrapped',
        roleExists: hint === 'roleExists',
        noMfaSerial: hint === 'noMfaSerial',
      })
  })
})
