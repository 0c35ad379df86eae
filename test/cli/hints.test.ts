import {
  GetOpenIDConnectProviderCommand,
  IAMClient,
  ListOpenIDConnectProvidersCommand,
  ListSAMLProvidersCommand,
} from '@aws-sdk/client-iam'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { mockClient } from 'aws-sdk-client-mock'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { diagnoseWith } from '../../cli/commands/diagnose.ts'
import { dispatch } from '../../cli/dispatch.ts'
import { decideHints } from '../../cli/live/decide-hints.ts'
import { withWorkflowPlaces } from '../../cli/use-cases/diagnose/workflow-places.ts'
import { findHints } from '../../core/denial/index.ts'
import { snapshotReader } from '../../functions/adapters/files/account-snapshot.ts'
import { memoryIo } from './memory-io.ts'

const ISSUER = 'https://token.actions.githubusercontent.com'
const NO_PROVIDER = `Error: No OpenIDConnect provider found in your account for ${ISSUER}`
const NO_TOKEN =
  'Error: Credentials could not be loaded, please check your action inputs: Could not load credentials from any providers'
const AUDIENCE = 'An error occurred (InvalidIdentityToken): Incorrect token audience'
const DENIED =
  'User: arn:aws:iam::111122223333:user/ci is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/a'

async function cli(args: readonly string[], stdin = '') {
  const io = memoryIo({ stdin })
  return { code: await dispatch(args, io), out: io.captured.out, err: io.captured.err }
}

describe('a text with only a hint', () => {
  it('has the step first and the reason after it, and ends with 0', async () => {
    const { code, out, err } = await cli(['diagnose'], NO_PROVIDER)
    expect({ code, err }).toEqual({ code: 0, err: [] })
    const [first = ''] = out.split('\n')
    expect(first).toContain('provider')
    expect(out).toContain('\nWhy: ')
    expect(out).toContain('(line 1)')
  })

  it.each([
    ['arn:aws:iam::111122223333:role/dms-vpc-role', 'dms-vpc-role'],
    ['arn:aws:iam::*:role/path/orders.', 'orders'],
    ['arn:aws:iam::111122223333:role/app/-rf', 'ROLE'],
    ['arn:aws:iam::REDACTED-ACCOUNT:role/orders code: 30000', 'orders'],
    ['arn:aws:iam::111122223333:role/analytics-copy-\nmore', 'ROLE'],
    ['arn:aws:iam::111122223333:role/ord...', 'ROLE'],
    ['arn:aws:iam::111122223333:role/ord…', 'ROLE'],
    ['arn:aws:iam::111122223333:role/orders-***', 'ROLE'],
    ['arn:aws:iam::111122223333:role/orders-xxxx', 'ROLE'],
    ['arn:aws:iam::111122223333:role/RoleA,arn:aws:iam::444455556666:role/RoleB', 'ROLE'],
    [`arn:aws:iam::111122223333:role/${'path/'.repeat(40)}orders`, 'orders'],
    [`arn:aws:iam::111122223333:role/${'o'.repeat(65)}`, 'ROLE'],
  ])('has the name of the role %s in its command where a shell reads it as one word', async (role, name) => {
    const { out } = await cli(['diagnose'], `Not authorized to get credentials of role ${role}`)
    expect(out).toContain(`aws iam get-role --role-name ${name} --query`)
  })

  it('is one object of rolemedic.hint/1 per line', async () => {
    const { code, out } = await cli(['diagnose', '--json'], `start\n${NO_PROVIDER}\n`)
    expect(code).toBe(0)
    const object = JSON.parse(out)
    expect(Object.keys(object)).toEqual(['schema', 'line', 'subject', 'says', 'next'])
    expect(object).toMatchObject({ schema: 'rolemedic.hint/1', line: 2, subject: 'no-oidc-provider' })
    for (const step of object.next) expect(Object.keys(step)).toEqual(['do', 'command', 'who'])
  })

  it.each([
    ['terraform', '# '],
    ['cdk', '// '],
    ['cloudformation', '# '],
    ['cli', '# '],
  ])('is a comment as %s', async (format, mark) => {
    const { code, out } = await cli(['diagnose', '--format', format], NO_PROVIDER)
    expect(code).toBe(0)
    for (const line of out.trimEnd().split('\n')) expect(line.startsWith(mark)).toBe(true)
  })

  it('is a comment for a pull request, the same from its JSON', async () => {
    const { out } = await cli(['diagnose', '--format', 'markdown'], NO_PROVIDER)
    expect(out.startsWith('<!-- rolemedic -->\n### No AWS credentials for a role: 1 hint\n')).toBe(true)
    const { out: json } = await cli(['diagnose', '--json'], NO_PROVIDER)
    expect(await cli(['comment'], json)).toEqual({ code: 0, out, err: [] })
  })

  it('cannot write to the terminal or the page with what it repeats', async () => {
    const hostile = 'No OpenIDConnect provider found in your account for https://x.example/\u001b[31m</a><script>@team'
    for (const format of ['text', 'markdown', 'terraform']) {
      const { out } = await cli(['diagnose', '--format', format], hostile)
      expect(out).not.toContain('\u001b')
      expect(out).not.toContain('<script>')
    }
  })
})

describe('a hint beside a denial', () => {
  it('is absent where it explains nothing of it', async () => {
    const { code, out } = await cli(['diagnose', '--json'], `${NO_PROVIDER}\n${DENIED}\n`)
    expect(code).toBe(0)
    expect(out.trimEnd().split('\n')).toHaveLength(1)
  })
})

describe('the place in the workflow', () => {
  const world = (files: { readonly [path: string]: string }) => ({
    fileNames: async (folder: string) =>
      Object.keys(files).flatMap(path => (path.startsWith(`${folder}/`) ? [path.slice(folder.length + 1)] : [])),
    readFile: async (path: string) => files[path] ?? Promise.reject(new Error('no file')),
  })
  const STEP = 'jobs:\n  deploy:\n    steps:\n      - uses: aws-actions/configure-aws-credentials@v4\n'
  const firstStep = async (text: string, files: { readonly [path: string]: string }) =>
    (await withWorkflowPlaces(findHints(text), world(files)))[0]?.next[0]?.do

  it('is the file and line of the step that lacks the permission', async () => {
    const others = { '.github/workflows/a.yml': `permissions:\n  id-token: write\n${STEP}` }
    expect(await firstStep(NO_TOKEN, { ...others, '.github/workflows/deploy.yml': STEP })).toBe(
      'Add permissions: id-token: write to the job at .github/workflows/deploy.yml:4: the file has no such line.',
    )
    expect(await firstStep(NO_TOKEN, others)).toBe(
      'See the step that asks for AWS credentials: .github/workflows/a.yml:6.',
    )
  })

  it('is the line of id_tokens for GitLab', async () => {
    expect(await firstStep(AUDIENCE, { '.gitlab-ci.yml': 'deploy:\n  id_tokens:\n    T:\n      aud: x\n' })).toBe(
      'See the step that asks for AWS credentials: .gitlab-ci.yml:2.',
    )
  })

  it('is left out where the checkout has none', async () => {
    expect(await withWorkflowPlaces(findHints(NO_TOKEN), world({}))).toEqual(findHints(NO_TOKEN))
  })
})

describe('--live', () => {
  const [iam, sts] = [mockClient(IAMClient), mockClient(STSClient)]
  const provider = 'arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com'
  beforeEach(() => {
    sts.on(GetCallerIdentityCommand).resolves({ Account: '111122223333' })
  })
  afterEach(() => {
    iam.reset()
    sts.reset()
  })
  const decided = (text: string) => decideHints(findHints(text), { profile: null, region: null })
  const first = async (text: string) => (await decided(text)).hints[0]?.next[0]?.do

  it('decides whether the account has the provider', async () => {
    iam.on(ListOpenIDConnectProvidersCommand).resolves({ OpenIDConnectProviderList: [] })
    expect(await first(NO_PROVIDER)).toContain(`it has none for ${ISSUER}.`)
    iam.on(ListOpenIDConnectProvidersCommand).resolves({ OpenIDConnectProviderList: [{ Arn: provider }] })
    expect(await first(NO_PROVIDER)).toContain('the role that is asked for is in another account')
  })

  it('shows the audiences that the provider accepts', async () => {
    iam.on(ListOpenIDConnectProvidersCommand).resolves({ OpenIDConnectProviderList: [{ Arn: provider }] })
    iam.on(GetOpenIDConnectProviderCommand).resolves({ ClientIDList: ['sts.amazonaws.com'] })
    expect(await first(AUDIENCE)).toContain(`${provider}: sts.amazonaws.com`)
  })

  it('shows the SAML providers', async () => {
    iam.on(ListSAMLProvidersCommand).resolves({ SAMLProviderList: [] })
    const text = 'An error occurred (InvalidIdentityToken): Issuer not present in specified provider'
    expect(await first(text)).toContain('account 111122223333 has none')
  })

  it('decides a hint beside the denial that it explains', async () => {
    iam.on(ListOpenIDConnectProvidersCommand).resolves({ OpenIDConnectProviderList: [] })
    const io = memoryIo({ stdin: `${NO_PROVIDER}\nNot authorized to perform sts:AssumeRoleWithWebIdentity\n` })
    const command = diagnoseWith(async () => {
      const reader = snapshotReader({ files: [] })
      return { reader, given: null, explanations: null, stats: () => null }
    })
    expect(await command.run(['-', '--live', '--json'], io)).toBe(0)
    const [denial, hint] = io.captured.out
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(denial).toMatchObject({ denial: { action: 'sts:AssumeRoleWithWebIdentity' } })
    expect(hint).toMatchObject({ subject: 'no-oidc-provider' })
    expect(hint.next[0].do).toContain(`it has none for ${ISSUER}.`)
  })

  it('asks nothing for other hints, and leaves the hint where AWS does not answer', async () => {
    expect(await decided(NO_TOKEN)).toEqual({ hints: findHints(NO_TOKEN), notes: [] })
    expect(iam.calls()).toEqual([])
    sts.on(GetCallerIdentityCommand).rejects(new Error('no credentials'))
    const { hints, notes } = await decided(NO_PROVIDER)
    expect(hints).toEqual(findHints(NO_PROVIDER))
    expect(notes).toEqual([expect.stringContaining('no credentials')])
  })
})
