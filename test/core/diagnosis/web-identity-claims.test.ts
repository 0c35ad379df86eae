import { describe, expect, it } from 'vitest'
import {
  claimHint,
  mayAddClaim,
  parseGitHubSubject,
  sameSource,
} from '../../../core/diagnosis/rules/web-identity-claims.ts'

const SUB = 'token.actions.githubusercontent.com:sub'
const AUD = 'token.actions.githubusercontent.com:aud'

describe('the subject of a GitHub token', () => {
  it.each([
    ['repo:acme/orders:ref:refs/heads/main', 'branch', null],
    ['repo:acme/orders:ref:refs/tags/v1', 'tag', null],
    ['repo:acme/orders:environment:production', 'environment', null],
    ['repo:acme/orders:pull_request', 'pull_request', null],
    ['repo:acme@12/orders@34:environment:production', 'environment', '@12/@34'],
    ['repo:acme/orders:job_workflow_ref:acme/ci/.github/workflows/x.yml@main', 'other', null],
  ])('%s has the %s form', (subject, form, ids) => {
    expect(parseGitHubSubject(subject)).toEqual({ owner: 'acme', repository: 'orders', form, ids })
  })

  it('is of no other provider', () => {
    expect(parseGitHubSubject('project_path:acme/orders:ref_type:branch:ref:main')).toBeNull()
    expect(parseGitHubSubject('system:serviceaccount:orders:api')).toBeNull()
  })
})

describe('whether two subjects name the same source', () => {
  it.each([
    ['repo:acme/orders:ref:refs/heads/main', 'repo:acme/orders:environment:production', true],
    ['repo:Acme/Orders:*', 'repo:acme/orders:pull_request', true],
    ['repo:acme/*', 'repo:acme/orders:pull_request', true],
    ['repo:acme/orders:*', 'repo:acme@1/orders@2:pull_request', true],
    ['repo:acme/orders:*', 'repo:acme/billing:pull_request', false],
    ['repo:acme/orders:*', 'repo:acme-evil/orders:pull_request', false],
    ['repo:acme/orders:*', 'repo:evil/orders:pull_request', false],
    ['repo:*', 'repo:evil/orders:pull_request', false],
    ['*', 'repo:evil/orders:pull_request', false],
    ['system:serviceaccount:orders:api', 'system:serviceaccount:prod:api', true],
    ['system:serviceaccount:orders:api', 'system:serviceaccount:default:default', false],
    ['project_path:acme/orders:ref_type:branch:ref:main', 'project_path:acme/orders:ref_type:tag:ref:v1', true],
    ['project_path:acme/orders:ref_type:branch:ref:main', 'project_path:evil/orders:ref_type:branch:ref:main', false],
    [
      'organization:acme:project:shop:workspace:prod:run_phase:plan',
      'organization:acme:project:shop:workspace:prod:run_phase:apply',
      true,
    ],
    [
      'organization:acme:project:*:workspace:prod:run_phase:plan',
      'organization:acme:project:shop:workspace:prod:run_phase:apply',
      true,
    ],
    [
      'organization:acme:project:shop:workspace:prod:run_phase:plan',
      'organization:acme:project:shop:workspace:mine:run_phase:plan',
      false,
    ],
    [
      'organization:acme:project:shop:workspace:prod:run_phase:plan',
      'organization:acme:project:other:workspace:prod:run_phase:plan',
      false,
    ],
    [
      'organization:acme:project:shop:workspace:prod:run_phase:plan',
      'organization:evil:project:shop:workspace:prod:run_phase:plan',
      false,
    ],
    ['auth0|1234', 'auth0|9999', false],
  ])('%s and %s: %s', (wanted, got, same) => {
    expect(sameSource(wanted, got)).toBe(same)
  })
})

describe('which claim may be added to a trust policy', () => {
  it('adds no subject of a stranger', () => {
    expect(mayAddClaim(SUB, ['repo:acme/orders:*'], 'repo:evil/orders:pull_request', true)).toBe(false)
  })

  it('adds AWS’s audience only beside a pinned subject', () => {
    expect(mayAddClaim(AUD, ['sigstore'], 'sts.amazonaws.com', true)).toBe(true)
    expect(mayAddClaim(AUD, ['sigstore'], 'sts.amazonaws.com', false)).toBe(false)
    expect(mayAddClaim(AUD, ['sts.amazonaws.com'], 'https://github.com/acme', true)).toBe(false)
  })

  it('adds nothing to an audience that contains a subject', () => {
    expect(mayAddClaim(AUD, ['repo:acme/orders:pull_request'], 'sts.amazonaws.com', true)).toBe(false)
  })

  it('adds to no other claim', () => {
    expect(mayAddClaim('token.actions.githubusercontent.com:actor', ['jane'], 'john', true)).toBe(false)
  })
})

describe('the hint beside the two values', () => {
  it('names a pattern that is compared literally', () => {
    expect(claimHint(SUB, 'StringEquals', ['repo:acme/orders:*'], 'repo:acme/orders:pull_request')).toBe(
      'StringEquals compares * and ? literally: a pattern needs StringLike',
    )
  })

  it('names the two forms', () => {
    expect(
      claimHint(SUB, 'StringLike', ['repo:acme/orders:environment:*'], 'repo:acme/orders:ref:refs/heads/main'),
    ).toBe('the token uses the branch form, the trust policy the environment form')
    expect(claimHint(SUB, 'StringLike', ['repo:acme/orders:ref:*'], 'repo:acme/orders:environment:prod')).toBe(
      'the token uses the environment form, the trust policy another',
    )
  })

  it.each([
    ['repo:acme/*:ref:refs/heads/main', 'repo:acme/orders:ref:refs/heads/dev', 'the branch differs'],
    [
      'repo:acme@1/orders@2:pull_request',
      'repo:acme@9/orders@2:pull_request',
      'the token has other ids: another owner or repository with the same name',
    ],
    [
      'repo:acme@1/orders@2:pull_request',
      'repo:acme/orders:pull_request',
      'the token uses the form with names, the trust policy the immutable form with ids',
    ],
    ['repo:Acme/orders:pull_request', 'repo:acme/orders:pull_request', 'they differ only by case'],
  ])('of %s and %s names what differs', (wanted, got, hint) => {
    expect(claimHint(SUB, 'StringLike', [wanted], got)).toBe(hint)
  })

  it('compares with the value for the same repository, at any place in the list', () => {
    const wanted = ['repo:acme/billing:pull_request', 'repo:acme/orders:ref:refs/heads/main']
    expect(claimHint(SUB, 'StringEquals', wanted, 'repo:acme/orders:pull_request')).toBe(
      'the token uses the pull_request form, the trust policy the branch form',
    )
  })

  it('names the beginning that a subject of GitHub has', () => {
    const [wanted, got] = ['acme/orders:ref:refs/heads/main', 'repo:acme/orders:ref:refs/heads/main']
    expect(claimHint(SUB, 'StringEquals', [wanted], got)).toBe('a GitHub subject starts with repo:')
    expect(claimHint(SUB, 'StringEquals', ['somebody'], got)).toBe('')
  })

  it('leaves out what it does not know', () => {
    expect(claimHint('accounts.google.com:sub', 'StringEquals', ['1'], '2')).toBe('')
  })
})
