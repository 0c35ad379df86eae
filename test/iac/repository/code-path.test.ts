import { describe, expect, it } from 'vitest'
import { isCodePath, matchesPath } from '../../../iac/repository/code-path.ts'
import { cpuMs } from '../../cpu-time.ts'

describe('a glob over paths', () => {
  it.each([
    ['**', 'a/b/c.tf'],
    ['envs/dev/**', 'envs/dev/main.tf'],
    ['envs/dev/**', 'envs/dev/iam/roles.tf'],
    ['envs/*/main.tf', 'envs/dev/main.tf'],
    ['**/iam/*.tf', 'iam/roles.tf'],
    ['**/iam/*.tf', 'a/b/iam/roles.tf'],
    ['a/**/z.tf', 'a/z.tf'],
    ['a/**/z.tf', 'a/b/c/z.tf'],
    ['main.t?', 'main.tf'],
  ])('%s matches %s', (glob, path) => {
    expect(matchesPath(glob, path)).toBe(true)
  })

  it.each([
    ['envs/dev/**', 'envs/prod/main.tf'],
    ['envs/dev/**', 'envs/development/main.tf'],
    ['envs/*', 'envs/dev/main.tf'],
    ['*.tf', 'iam/roles.tf'],
    ['iam', 'iam/roles.tf'],
    ['a/**/z.tf', 'b/a/z.tf'],
  ])('%s does not match %s', (glob, path) => {
    expect(matchesPath(glob, path)).toBe(false)
  })

  it('takes time that grows with glob and path, not with their powers', () => {
    const startedMs = cpuMs()
    expect(matchesPath('**/**/**/**/x', `${'a/'.repeat(450)}y`)).toBe(false)
    expect(cpuMs() - startedMs).toBeLessThan(200)
  })
})

describe('a file that may be edited', () => {
  const everywhere = { paths: ['**'], kind: 'terraform' as const }

  it.each([
    ['terraform', 'envs/dev/main.tf'],
    ['terraform', 'envs/dev/terraform.tfvars'],
    ['terraform', 'policies/trust.json'],
    ['cloudformation', 'templates/roles.yaml'],
    ['cloudformation', 'templates/roles.json'],
    ['cloudformation', 'stack.template'],
    ['sam', 'template.yml'],
    ['cdk-typescript', 'lib/orders-stack.ts'],
    ['cdk-python', 'orders/orders_stack.py'],
    ['cdk-python', 'cdk.out/Orders.template.json'],
  ] as const)('is code of its kind: %s, %s', (kind, path) => {
    expect(isCodePath(path, { paths: ['**'], kind })).toBe(true)
  })

  it.each([
    ['terraform', 'README.md'],
    ['terraform', 'template.yaml'],
    ['cloudformation', 'main.tf'],
    ['cdk-typescript', 'lib/stack.js'],
    ['cdk-typescript', 'lib/stack.d.ts'],
    ['cdk-python', 'stack.ts'],
  ] as const)('is not of another kind: %s, %s', (kind, path) => {
    expect(isCodePath(path, { paths: ['**'], kind })).toBe(false)
  })

  it('is within the configured paths', () => {
    expect(isCodePath('envs/dev/main.tf', { ...everywhere, paths: ['envs/dev/**'] })).toBe(true)
    expect(isCodePath('envs/prod/main.tf', { ...everywhere, paths: ['envs/dev/**'] })).toBe(false)
  })

  it.each([
    '.github/workflows/deploy.yaml',
    '.github/workflows/deploy.yml',
    '.GitHub/actions/x/action.yml',
    '.gitlab-ci.yml',
    'ci/deploy.gitlab-ci.yml',
    '.gitlab/ci/deploy.yml',
    '.circleci/config.yml',
    '.buildkite/pipeline.yml',
    'azure-pipelines.yml',
    'pipelines/azure-pipelines-prod.yaml',
    'bitbucket-pipelines.yml',
    'buildspec.yml',
    'orders/buildspec-deploy.yaml',
    '.drone.yml',
    '.travis.yml',
    '.pre-commit-config.yaml',
    'atlantis.yaml',
    'docker-compose.yml',
    'package.json',
    'cdk.json',
    'node_modules/x/template.yaml',
    '.git/config.yaml',
    'sub/.git/hooks/x.json',
  ])('is never what a pipeline runs, also where the paths include it: %s', path => {
    expect(isCodePath(path, { paths: ['**', path], kind: 'cloudformation' })).toBe(false)
  })

  it('has a path of a thousand characters at most', () => {
    const path = (chars: number) => `${'a'.repeat(chars - 3)}.tf`
    expect(isCodePath(path(1_000), everywhere)).toBe(true)
    expect(isCodePath(path(1_001), everywhere)).toBe(false)
  })

  it('is known by the name of the file, not of its folder; a folder counts at any depth', () => {
    const terraform = { paths: ['**'], kind: 'terraform' as const }
    expect(isCodePath('package.json/main.tf', terraform)).toBe(true)
    expect(isCodePath('a/b/package.json', terraform)).toBe(false)
    expect(isCodePath('package.json', terraform)).toBe(false)
    expect(isCodePath('a/Node_Modules/b/main.tf', terraform)).toBe(false)
    expect(isCodePath('a/node_modules', { paths: ['**'], kind: 'cloudformation' })).toBe(false)
  })

  it.each(['setup.py', 'conftest.py'])('is never what a tool of Python runs: %s', path => {
    expect(isCodePath(path, { paths: ['**'], kind: 'cdk-python' })).toBe(false)
  })

  it.each([
    '../main.tf',
    'a/../../main.tf',
    '/etc/main.tf',
    'a//main.tf',
    './main.tf',
    '',
    'a\\b.tf',
    'a\nb.tf',
    'a\u202Eb.tf',
  ])('has a plain path within the repository, unlike %j', path => {
    expect(isCodePath(path, everywhere)).toBe(false)
  })
})
