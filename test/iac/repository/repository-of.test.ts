import { describe, expect, it } from 'vitest'
import { configSchema } from '../../../functions/domain/config/config.ts'
import { isConfigured, repositoryOf } from '../../../iac/repository/repository-of.ts'

const ORDERS = { host: 'github.com', repository: 'acme/orders', branch: 'main', kind: 'terraform' } as const
const STACKS = {
  host: 'gitlab.com',
  repository: 'acme/platform/stacks',
  branch: 'trunk',
  kind: 'cloudformation',
} as const
const role = { accountId: '111122223333', arn: 'arn:aws:iam::111122223333:role/ci/orders-deploy' }
const configured = (...repositories: readonly object[]) => configSchema.parse({ mode: 'approve', repositories })

describe('where the code of a role is kept', () => {
  it('takes the first entry that fits', () => {
    const config = configured(
      { account: '444455556666', ...STACKS },
      { account: '111122223333', ...ORDERS },
      { ...STACKS },
    )
    expect(repositoryOf(config, role, {})).toEqual({ ...ORDERS, paths: ['**'] })
  })

  it('takes no entry of which one matcher does not fit', () => {
    const config = configured({ account: '111122223333', principal: 'arn:aws:iam::*:role/payments-*', ...ORDERS })
    expect(repositoryOf(config, role, {})).toBeNull()
  })

  it('matches the ARN with its path by a glob', () => {
    expect(
      repositoryOf(configured({ principal: 'arn:aws:iam::*:role/ci/orders-*', ...ORDERS }), role, {}),
    ).not.toBeNull()
    expect(repositoryOf(configured({ principal: 'arn:aws:iam::*:role/orders-*', ...ORDERS }), role, {})).toBeNull()
  })

  it.each([
    [
      'the tags of Yor',
      { git_org: 'acme', git_repo: 'orders' },
      { git_org: 'acme', git_repo: 'orders', git_file: 'iam.tf' },
    ],
    ['a glob over a value', { git_file: 'envs/dev/*' }, { git_file: 'envs/dev/roles/deploy.tf' }],
    ['a tag of one’s own, whatever its value', { 'acme:code': '*' }, { 'acme:code': '' }],
  ])('matches %s', (_, wanted, tags) => {
    expect(repositoryOf(configured({ tags: wanted, ...ORDERS }), role, tags)).not.toBeNull()
  })

  it.each([
    ['lacks one of the tags', { git_org: 'acme', git_repo: 'orders' }, { git_org: 'acme' }],
    ['has another value', { git_repo: 'orders' }, { git_repo: 'orders-old' }],
    ['has the name in other letters', { git_repo: 'orders' }, { Git_Repo: 'orders' }],
    ['has it from the prototype of every object', { constructor: '*' }, {}],
  ])('does not match a role that %s', (_, wanted, tags) => {
    expect(repositoryOf(configured({ tags: wanted, ...ORDERS }), role, tags)).toBeNull()
  })

  it('knows the stack by its tag, or by what else names it', () => {
    const config = configured({ stack: 'orders-*', ...STACKS })
    expect(repositoryOf(config, role, { 'aws:cloudformation:stack-name': 'orders-dev' })).not.toBeNull()
    expect(repositoryOf(config, role, {}, 'orders-dev')).not.toBeNull()
    expect(repositoryOf(config, role, {})).toBeNull()
    // The tag is of the role itself.
    expect(repositoryOf(config, role, { 'aws:cloudformation:stack-name': 'payments' }, 'orders-dev')).toBeNull()
  })

  it('finds nothing where nothing is configured', () => {
    expect(repositoryOf(configured(), role, { git_repo: 'orders' })).toBeNull()
  })
})

describe('a repository that was stored', () => {
  const config = configured({ ...ORDERS, paths: ['envs/**'] })

  it('counts while the configuration has exactly that', () => {
    expect(isConfigured(config, { ...ORDERS, paths: ['envs/**'] })).toBe(true)
  })

  it.each([
    ['another repository', { repository: 'acme/other' }],
    ['another host', { host: 'git.acme.example' }],
    ['another branch', { branch: 'release' }],
    ['wider paths', { paths: ['**'] }],
    ['more paths', { paths: ['envs/**', '**'] }],
    ['another kind', { kind: 'sam' as const }],
  ])('does not count with %s', (_, other) => {
    expect(isConfigured(config, { ...ORDERS, paths: ['envs/**'], ...other })).toBe(false)
  })
})
