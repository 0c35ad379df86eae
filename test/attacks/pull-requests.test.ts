/** What somebody can do who may send to the queue of `publish`, or name and tag a role. */
import { describe, expect } from 'vitest'
import { fingerprintOfRequest } from '../../core/denial/fingerprint.ts'
import type { Statement } from '../../core/iam/policy/policy-document.ts'
import { changeDigest, patchDigest } from '../../core/patch/patch.ts'
import { SLACK_SITE } from '../../functions/adapters/slack/site.ts'
import { configSchema } from '../../functions/domain/config/config.ts'
import { branchOf, type PullOrder } from '../../functions/domain/proposal/pull-request.ts'
import { shownDigestOf, shownOf } from '../../functions/domain/proposal/seen.ts'
import { orderOf } from '../../functions/domain/pull-request/pull-order.ts'
import { type EditCode, makePublish } from '../../functions/publish/publish.ts'
import { isCodePath } from '../../iac/repository/code-path.ts'
import { repositoryOf } from '../../iac/repository/repository-of.ts'
import { BRIDGE_CONFIG, CODE } from '../fakes/bridge-world.ts'
import { addLine, memoryCodeHost } from '../fakes/memory-code-host.ts'
import { memoryStore } from '../fakes/memory-store.ts'
import { NOON, sampleProposal } from '../fakes/sample-proposal.ts'
import { DEPLOYMENT, decisionAbout, KEYS, signedBy } from '../fakes/signing.ts'
import { IDENTITY_CHANGE } from '../fakes/two-sided.ts'
import { QUIET } from '../fakes/verify-world.ts'
import { attack } from './attack.ts'

const EVERYTHING: Statement = { Sid: 'Rolemedic0a1b2c3d', Effect: 'Allow', Action: '*', Resource: '*' }
const after = { Version: '2012-10-17', Statement: [EVERYTHING] }
const ALL = { ...IDENTITY_CHANGE, after, digest: changeDigest({ ...IDENTITY_CHANGE, after }) }
const [ANA, BEN] = [
  { id: 'U0ONCALL1', name: 'Ana' },
  { id: 'U0ONCALL2', name: 'Ben' },
]

const PROPOSAL = sampleProposal({ id: 'p-1' })
/** What they really signed: the small change of p-1, with a pull request, for three days. */
const SIGNED = [ANA, BEN].map(by => decided({ by, limitHours: 72, pullRequest: true }))
const order = (facts: Partial<PullOrder>): PullOrder => ({
  ...{ proposalId: 'p-1', wanted: 'open', place: CODE, changes: [ALL], decisions: SIGNED },
  ...{ shown: shownOf(PROPOSAL), cardUrl: null, reminder: null },
  ...facts,
})

function decided(facts: Omit<Parameters<typeof decisionAbout>[1], 'kind' | 'atMs'>) {
  const decision = decisionAbout(PROPOSAL, { kind: 'approve', atMs: NOON, ...facts })
  return signedBy({ ...decision, patchDigest: patchDigest([IDENTITY_CHANGE]) } as typeof decision)
}

function hosted(edit: EditCode = addLine, files?: { readonly [path: string]: string }) {
  const code = memoryCodeHost(files)
  const store = memoryStore({ clock: () => NOON })
  const place = { config: BRIDGE_CONFIG, keys: KEYS, deploymentId: DEPLOYMENT, site: SLACK_SITE }
  const publish = makePublish({
    ...{ ...place, store, hosts: () => code.host, edit, clock: () => NOON, observer: QUIET },
  })
  return { code, publish }
}

async function pullsFor(forged: PullOrder, ...host: Parameters<typeof hosted>) {
  const { code, publish } = hosted(...host)
  await publish(forged)
  return code.pulls
}

/** The code of one's own that `publish` would be made to commit. */
const editing =
  (file: string): EditCode =>
  async () => ({ outcome: 'exact', edits: [{ file, kind: 'terraform', address: 'x', before: '#\n', after: 'x' }] })

describe('a sender of orders', () => {
  attack('Q7', async () => {
    const renamed = SIGNED.map(({ decision, signature }) => ({
      decision: { ...decision, patchDigest: patchDigest([ALL]) } as typeof decision,
      signature,
    }))
    for (const decisions of [SIGNED, renamed, []]) expect(await pullsFor(order({ decisions }))).toEqual([])
    // A follow-up is not in the digest that they signed.
    const beside = [IDENTITY_CHANGE, { ...ALL, required: false }]
    expect(await pullsFor(order({ changes: beside }))).toEqual([])
    // The change that they signed becomes one.
    expect(await pullsFor(order({ changes: [IDENTITY_CHANGE] }))).toHaveLength(1)
  })

  const SMALL = order({ changes: [IDENTITY_CHANGE] })
  const LIE = 'Harmless: asked for by the security team.'

  attack('Q8', async () => {
    const { request, summary, verification } = shownOf(PROPOSAL)
    const guardrails = [{ id: 'x', outcome: 'warn' as const, detail: LIE }]
    const extra = { facts: { cause: LIE, checks: [LIE] }, remark: { key: 'x', text: LIE }, cause: LIE }
    for (const words of [
      { summary: LIE, verification },
      { summary, verification: { ...verification, guardrails } },
    ]) {
      const { code, publish } = hosted()
      const forged = { ...SMALL, ...extra, shown: { request, ...words } }
      for (const wanted of ['open', 'poll'] as const) await publish({ ...forged, wanted })
      expect(code.pulls[0]?.body).not.toContain('Harmless')
      expect(code.pulls[0]?.body).toContain('not what anybody signed')
      expect(code.pulls[0]?.comments).toEqual([])
    }
    const other = [request[0] ?? null, 's3:GetObject', 'logo-of-the-website', ...request.slice(3)]
    const [renamed] = await pullsFor({ ...SMALL, shown: { ...shownOf(PROPOSAL), request: other } })
    expect(`${renamed?.title} ${renamed?.body}`).not.toMatch(/s3:GetObject|logo/)
    expect(renamed?.title).toBe('Change the policies of deployer')
    const [honest] = await pullsFor(SMALL)
    expect(honest?.title).toBe('Allow iam:PassRole on app-task for deployer')
    expect(honest?.body).toContain(summary)
    expect(honest?.body).toContain('**Until 2026-11-27 12:00 UTC,** people approved a grant outside the code.')
  })

  attack('Q9', async () => {
    const decisions = [ANA, BEN].map(by => decided({ by }))
    expect(await pullsFor({ ...SMALL, decisions })).toEqual([])
    expect(await pullsFor({ ...SMALL, decisions: [...decisions, ...SIGNED] })).toHaveLength(1)
  })

  attack('T56', async () => {
    const proposal = { ...PROPOSAL, code: CODE, diagnosis: { ...PROPOSAL.diagnosis, summary: LIE } }
    const stored = orderOf(proposal, 'open', { cardUrl: null, reminder: null }) ?? expect.fail('no order')
    const [pull] = await pullsFor({ ...stored, changes: SMALL.changes, decisions: SIGNED })
    expect(pull?.body).not.toContain('Harmless')
    expect(pull?.body).toContain('`Ana (U0ONCALL1)`')
  })

  attack('G1', async () => {
    for (const other of [{ repository: 'acme/secrets' }, { branch: 'release' }, { paths: ['**', '.github/**'] }]) {
      const place = { ...CODE, repository: { ...CODE.repository, ...other } }
      expect(await pullsFor({ ...SMALL, place })).toEqual([])
    }
    expect(await pullsFor(SMALL, editing('../main.tf'), { 'main.tf': '#\n', '../main.tf': '#\n' })).toEqual([])
    expect(await pullsFor(SMALL, editing('main.tf'), { 'main.tf': '#\n' })).toHaveLength(1)
  })

  attack('G2', async () => {
    const file = '.github/workflows/deploy.tf'
    expect(await pullsFor(SMALL, editing(file), { 'main.tf': '#\n', [file]: '#\n' })).toEqual([])
    for (const path of ['.github/workflows/deploy.yml', '.gitlab-ci.yml', 'buildspec.yml', 'package.json', 'cdk.json'])
      expect(isCodePath(path, { paths: ['**', path], kind: 'cloudformation' }), path).toBe(false)
    expect(isCodePath('orders/template.yml', { paths: ['**'], kind: 'cloudformation' })).toBe(true)
  })
})

describe('somebody who names or tags a role', () => {
  attack('G3', async () => {
    const evil = 'x` @acme/everybody\nCloses #1\n/close\n<img src=x onerror=alert(1)> [a](https://evil.example) `'
    const { request, verification } = order({}).shown ?? expect.fail('nothing was shown')
    const guardrails = [{ id: 'x', outcome: 'warn' as const, detail: evil }]
    // A denial can have these names, and people sign what it says.
    const shown = { request: [evil, evil, evil, ...request.slice(3)], summary: evil, verification }
    const hostile = { ...shown, verification: { ...verification, guardrails } }
    const signedFacts = { fingerprint: fingerprintOfRequest(hostile.request), shownDigest: shownDigestOf(hostile) }
    const decisions = SIGNED.map(({ decision }) => signedBy({ ...decision, ...signedFacts } as typeof decision))
    const [pull] = await pullsFor(order({ changes: [IDENTITY_CHANGE], shown: hostile, decisions }))
    const body = pull?.body ?? expect.fail('no pull request')
    expect(body).toContain('onerror')
    const outside = body.replace(/```+[a-z]*\n[\s\S]*?\n```+/g, '').replace(/(`+)(?!`)[^\n]*?(?<!`)\1(?!`)/g, '')
    expect(outside).not.toMatch(/@|#1|onerror|evil|^\//m)
    expect(pull?.title).not.toMatch(/[@#<\n]/)
  })

  attack('G6', () => {
    const ours = { host: 'github.com', repository: 'acme/orders', branch: 'main', kind: 'terraform' }
    const tagged = { ...ours, repository: 'acme/payments', tags: { git_repo: 'payments' } }
    const config = configSchema.parse({ mode: 'approve', repositories: [tagged, ours] })
    const of = (tags: { readonly [key: string]: string }) =>
      repositoryOf(config, { accountId: '111122223333', arn: 'arn:aws:iam::111122223333:role/deployer' }, tags)
        ?.repository
    expect(of({ git_repo: 'payments' })).toBe('acme/payments')
    for (const git_repo of ['secrets', '../secrets', '*', 'acme/secrets', ''])
      expect(of({ git_repo, git_org: 'mallory' })).toBe('acme/orders')
  })
})

describe('somebody who may push to the repository', () => {
  const OURS = order({ changes: [IDENTITY_CHANGE] })
  const BRANCH = branchOf(OURS.proposalId)
  const theirs = (message: string) => ({ commit: 'theirs', message, files: new Map([['main.tf', 'Allow *']]) })

  attack('G10', async () => {
    const { code, publish } = hosted()
    code.branches.set(BRANCH, theirs('mine'))
    await code.host.openPull({ branch: BRANCH, into: 'main', title: 'mine', body: 'all of it' })
    for (const wanted of ['open', 'poll'] as const) await publish({ ...OURS, wanted })
    expect(code.pulls).toMatchObject([{ title: 'mine', body: 'all of it' }])
    code.branches.delete(BRANCH)
    await publish(OURS)
    expect(code.pulls[0]?.body).toContain('Ana')
  })

  attack('G11', async () => {
    const own = hosted()
    await own.publish(OURS)
    const { message = '', files } = own.code.branches.get(BRANCH) ?? {}
    const { code, publish } = hosted()
    code.branches.set(BRANCH, theirs(message))
    await publish(OURS)
    expect(code.pulls).toHaveLength(1)
    expect(code.branches.get(BRANCH)?.files).toEqual(files)
  })

  attack('G13', async () => {
    const { code, publish } = hosted()
    code.branches.set(BRANCH, theirs('mine'))
    await code.host.openPull({ branch: BRANCH, into: 'main', title: 'mine', body: 'all of it' })
    code.merge(1)
    expect(await publish(OURS)).toBe('open')
    expect(code.pulls[1]?.body).toContain('Ana')
    expect(await publish({ ...OURS, wanted: 'poll' })).toBe('open')
  })

  attack('G12', async () => {
    for (const into of ['feature', 'main']) {
      const { code, publish } = hosted()
      await publish(OURS)
      for (const pull of code.pulls) pull.into = into
      code.merge(1)
      expect(await publish({ ...OURS, wanted: 'poll' })).toBe(into === 'main' ? 'merged' : 'closed')
    }
  })
})
