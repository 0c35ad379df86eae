import { describe, expect, it } from 'vitest'
import { admitsNoMore, parseTokenSubject, presenters } from '../../../core/patch/token-subject.ts'

/** `unit owner/project [ids] kind name [workflow]`. */
function parsed(sub: string): string | null {
  const subject = parseTokenSubject(sub)
  if (subject === null) return null
  const { owner, unit, project, ids, source } = subject
  const more = [ids === null ? '' : ` with ids ${ids}`, source.workflow === null ? '' : ` through ${source.workflow}`]
  return `${unit} ${owner}/${project}: ${source.kind} ${source.name}${more.join('')}`
}

describe('the subject of a token', () => {
  it.each<[string, string | null]>([
    // GitHub
    ['repo:Acme/Shop:ref:refs/heads/Main', 'project acme/shop: branch Main'],
    ['repo:acme/shop:ref:refs/tags/v1', 'project acme/shop: tag v1'],
    ['repo:acme/shop:environment:prod', 'project acme/shop: environment prod'],
    ['repo:acme/shop:pull_request', 'project acme/shop: pull-request *'],
    ['repo:acme/shop:ref:refs/pull/7/merge', 'project acme/shop: pull-request *'],
    ['repo:acme/shop:*', 'project acme/shop: any *'],
    ['repo:acme/shop*', 'project acme/shop: any *'],
    ['repo:acme/shop', 'project acme/shop: any *'],
    ['repo:acme/*', 'project acme/*: any *'],
    ['repo:acme/shop:actor:ana', 'project acme/shop: other actor:ana'],
    ['repo:acme/shop:pull_request_target', 'project acme/shop: other pull_request_target'],
    ['repo:acme@1/shop@2:ref:refs/heads/main', 'project acme/shop: branch main with ids @1/@2'],
    ['repo:acme@1/shop:pull_request', 'project acme/shop: pull-request * with ids @1/'],
    ['repo:acme/shop@2:pull_request', 'project acme/shop: pull-request * with ids /@2'],
    ['repo:acme/shop:job_workflow_ref:acme/ci/x.yml@main', 'project acme/shop: any * through acme/ci/x.yml@main'],
    [
      'repo:acme/shop:environment:prod:job_workflow_ref:acme/ci/x.yml@main',
      'project acme/shop: environment prod through acme/ci/x.yml@main',
    ],
    ['repo:*/shop:pull_request', null],
    ['repo:ac*/shop:pull_request', null],
    ['repo:acme', null],
    ['xrepo:acme/shop:*', null],
    // GitLab
    ['project_path:acme/shop:ref_type:branch:ref:main', 'project acme/shop: branch main'],
    ['project_path:acme/team/shop:ref_type:tag:ref:v1', 'project acme/team/shop: tag v1'],
    ['project_path:acme/shop:ref_type:branch', 'project acme/shop: branch *'],
    ['project_path:acme/shop:ref_type:*:ref:*', 'project acme/shop: any *'],
    ['project_path:acme/shop:ref_type:*:ref:main', 'project acme/shop: other ref_type:*:ref:main'],
    ['project_path:acme/shop:*', 'project acme/shop: any *'],
    ['project_path:acme/shop', 'project acme/shop: any *'],
    ['project_path:acme/*', 'project acme/*: any *'],
    ['project_path:acme/shop:user:ana', 'project acme/shop: other user:ana'],
    ['project_path:*/shop:*', null],
    // Terraform Cloud
    ['organization:acme:project:shop:workspace:prod:run_phase:apply', 'project acme/shop: run prod:apply'],
    ['organization:acme:project:shop:workspace:prod', 'project acme/shop: run prod:*'],
    ['organization:acme:project:shop:*', 'project acme/shop: any *'],
    ['organization:acme:project:*', 'project acme/*: any *'],
    ['organization:acme:project:shop:workspace', 'project acme/shop: other workspace'],
    ['organization:*:project:shop:*', null],
    // Kubernetes
    ['system:serviceaccount:shop:app', 'namespace the cluster/shop: service-account app'],
    ['system:serviceaccount:shop:*', 'namespace the cluster/shop: any *'],
    ['system:serviceaccount:*:app', 'namespace the cluster/*: service-account app'],
    ['system:node:x', null],
    ['', null],
  ])('%s is %s', (sub, wanted) => {
    expect(parsed(sub)).toBe(wanted)
  })
})

describe('who is trusted by one subject and by another', () => {
  const noMore = (known: string, added: string) => {
    const [one, other] = [parseTokenSubject(known), parseTokenSubject(added)]
    if (one === null || other === null) throw new Error('not a subject')
    return admitsNoMore(one, other)
  }
  const repo = (rest: string) => `repo:acme/shop:${rest}`
  const WORKFLOW = 'job_workflow_ref:acme/ci/x.yml@main'

  it.each<[string, string, boolean]>([
    [repo('*'), repo('ref:refs/tags/v1'), true],
    [repo('pull_request'), repo('ref:refs/heads/main'), true],
    [repo('ref:refs/heads/main'), repo('pull_request'), false],
    [repo('ref:refs/heads/main'), repo('ref:refs/heads/main'), true],
    [repo('ref:refs/heads/m*'), repo('ref:refs/heads/main'), true],
    [repo('ref:refs/heads/main'), repo('ref:refs/heads/m*'), false],
    [repo('ref:refs/heads/main'), repo('ref:refs/tags/main'), false],
    [repo('ref:refs/heads/*'), repo('environment:prod'), true],
    [repo('ref:refs/heads/main'), repo('environment:prod'), false],
    [repo('ref:refs/tags/*'), repo('environment:prod'), false],
    [repo('ref:refs/heads/*'), repo('ref:refs/tags/v1'), false],
    [repo('environment:prod'), repo('ref:refs/heads/main'), false],
    [repo(WORKFLOW), repo('ref:refs/heads/main'), false],
    [repo(WORKFLOW), repo(`environment:prod:${WORKFLOW}`), true],
    [repo(WORKFLOW), repo(`environment:prod:${WORKFLOW}2`), false],
    [repo('*'), repo(WORKFLOW), true],
    [repo(`environment:prod:${WORKFLOW}`), repo(`environment:test:${WORKFLOW}`), false],
    ['system:serviceaccount:shop:app', 'system:serviceaccount:shop:worker', true],
    ['system:serviceaccount:shop:app', 'system:serviceaccount:evil:worker', false],
    ['system:serviceaccount:*:app', 'system:serviceaccount:evil:app', true],
    ['project_path:a/b:ref_type:branch:ref:x', 'project_path:a/b:ref_type:branch:ref:y', false],
  ])('%s, and %s', (known, added, wanted) => {
    expect(noMore(known, added)).toBe(wanted)
  })
})

describe('who presents a subject, in words', () => {
  it.each<[string, string]>([
    ['repo:acme/shop:ref:refs/heads/main', 'anybody who can push a branch named main of acme/shop'],
    ['repo:acme/shop:ref:refs/heads/*', 'anybody who can push a branch of acme/shop'],
    ['repo:acme/shop:ref:refs/tags/v*', 'anybody who can push a tag like v* of acme/shop'],
    ['repo:acme/shop:environment:prod', 'any job of acme/shop that may use the environment prod'],
    ['repo:acme/shop:environment:*', 'any job of acme/shop that may use an environment'],
    ['repo:acme/*:pull_request', 'anybody who can open a pull request in any project of acme'],
    ['repo:acme/*', 'any job of any project of acme'],
    ['repo:acme/shop:actor:ana', 'any job of acme/shop with the subject actor:ana'],
    ['repo:acme/shop:job_workflow_ref:x.yml@main', 'any job of acme/shop through the workflow x.yml@main'],
    ['system:serviceaccount:shop:app', 'anybody who can run a pod as app in the namespace shop'],
    ['system:serviceaccount:*:app', 'anybody who can run a pod as app in any namespace'],
    ['system:serviceaccount:shop:*', 'anybody who can run a pod in the namespace shop'],
    [
      'organization:acme:project:shop:workspace:prod:run_phase:plan',
      'anybody who can start a Terraform plan in the workspace prod of acme/shop',
    ],
    [
      'organization:acme:project:shop:workspace:prod',
      'anybody who can start a Terraform run in the workspace prod of acme/shop',
    ],
  ])('of %s: %s', (sub, wanted) => {
    const subject = parseTokenSubject(sub)
    expect(subject === null ? null : presenters(subject)).toBe(wanted)
  })
})
