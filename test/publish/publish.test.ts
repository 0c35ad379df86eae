import { describe, expect, it } from 'vitest'
import { patchDigest } from '../../core/patch/patch.ts'
import { SLACK_SITE } from '../../functions/adapters/slack/site.ts'
import type { DecisionNow } from '../../functions/domain/authority/decision.ts'
import type { KeyUse } from '../../functions/domain/authority/statement.ts'
import { branchOf, type PullOrder } from '../../functions/domain/proposal/pull-request.ts'
import { shownOf } from '../../functions/domain/proposal/seen.ts'
import { commitMessage } from '../../functions/domain/pull-request/pull-text.ts'
import { pullRecord } from '../../functions/domain/stored/markers.ts'
import { parseWork, TRIAL_MESSAGE, workMessage } from '../../functions/domain/stored/work-message.ts'
import { HostError } from '../../functions/ports/git/code-host.ts'
import { consume } from '../../functions/publish/consumer.ts'
import { type EditCode, makePublish } from '../../functions/publish/publish.ts'
import { BRIDGE_CONFIG, CODE } from '../fakes/bridge-world.ts'
import { addLine, type MemoryCodeHost, memoryCodeHost, REPOSITORY } from '../fakes/memory-code-host.ts'
import { memoryStore } from '../fakes/memory-store.ts'
import { deviceOf, enrolled, withPasskey } from '../fakes/passkeys.ts'
import { NOON, sampleProposal } from '../fakes/sample-proposal.ts'
import { DEPLOYMENT, decisionAbout, KEYS, signedBy } from '../fakes/signing.ts'
import { IDENTITY_CHANGE } from '../fakes/two-sided.ts'
import { QUIET } from '../fakes/verify-world.ts'

const PROPOSAL = sampleProposal({ id: 'p-1' })

/** As `decide` signs it for this change of p-1, with a pull request. */
function signed(by: { readonly id: string; readonly name: string }, facts: Partial<DecisionNow> = {}, use?: KeyUse) {
  const about = decisionAbout(PROPOSAL, { kind: 'approve', by, atMs: NOON, pullRequest: true }) as DecisionNow
  return signedBy({ ...about, patchDigest: patchDigest([IDENTITY_CHANGE]), ...facts }, use)
}

const ORDER: PullOrder = {
  proposalId: 'p-1',
  wanted: 'open',
  place: CODE,
  changes: [IDENTITY_CHANGE],
  decisions: [signed({ id: 'U0ONCALL1', name: 'Ana' })],
  shown: shownOf(PROPOSAL),
  cardUrl: null,
  reminder: null,
}
const BRANCH = branchOf('p-1')

function bench(files?: { readonly [path: string]: string }, edit: EditCode = addLine) {
  const counted: string[] = []
  const logged: string[] = []
  const time = { nowMs: NOON }
  const code = memoryCodeHost(files)
  const store = memoryStore({ clock: () => time.nowMs })
  const publish = makePublish({
    store,
    hosts: () => code.host,
    edit,
    config: BRIDGE_CONFIG,
    keys: KEYS,
    deploymentId: DEPLOYMENT,
    site: SLACK_SITE,
    clock: () => time.nowMs,
    observer: {
      log: (_: string, event: string) => void logged.push(event),
      count: (metric: string) => void counted.push(metric),
    },
  })
  const record = async () => (await store.getMarker(pullRecord('p-1')))?.value
  return { code, publish, record, store, counted, logged, time }
}
const exactly =
  (file: string, before: string, after: string): EditCode =>
  async () => ({
    outcome: 'exact',
    edits: [{ file, kind: 'terraform', address: 'x', before, after }],
  })

describe('an order to open', () => {
  it('opens one pull request, however often it comes', async () => {
    const { code, publish, record } = bench({ 'main.tf': '#\n', CODEOWNERS: '*.tf @acme/platform @ana\n' })
    for (let times = 0; times < 3; times += 1) expect(await publish(ORDER)).toBe('open')
    expect(code.pulls).toHaveLength(1)
    expect(code.pulls[0]).toMatchObject({ branch: BRANCH, reviewers: ['@acme/platform', '@ana'] })
    expect(await record()).toMatchObject({ state: 'open', number: 1 })
    expect(code.branches.get('main')?.commit).toBe('main0')
  })

  it('opens one where two deliveries run at once', async () => {
    const { code, publish } = bench()
    const states = await Promise.all([publish(ORDER), publish(ORDER)])
    expect(states).toContain('open')
    await publish(ORDER)
    expect(code.pulls).toHaveLength(1)
  })

  it('brings the branch up to date where the code has moved, and changes the text with the facts', async () => {
    const { code, publish } = bench()
    await publish(ORDER)
    code.branches.set('main', { commit: 'main1', message: 'moved', files: new Map([['main.tf', '# roles, moved\n']]) })
    for (const pull of code.pulls) pull.conflicts = true
    await publish({ ...ORDER, wanted: 'poll', decisions: [signed({ id: 'U0ONCALL1', name: 'Ana' }, { risk: 'high' })] })
    expect(code.branches.get(BRANCH)?.files.get('main.tf')).toContain('# roles, moved\n')
    expect(code.pulls[0]?.body).toContain('**Risk:** `high`')
    expect(code.pulls).toHaveLength(1)
  })

  it('leaves a branch to which a person has pushed as it is', async () => {
    const { code, publish } = bench()
    await publish(ORDER)
    const files = new Map([['main.tf', 'by a person']])
    code.branches.set(BRANCH, { commit: 'theirs', message: 'better this way', files })
    for (const pull of code.pulls) pull.conflicts = true
    await publish({ ...ORDER, wanted: 'poll' })
    expect(code.branches.get(BRANCH)?.commit).toBe('theirs')
    await publish({ ...ORDER, wanted: 'closed' })
    expect(code.branches.get(BRANCH)?.commit).toBe('theirs')
  })

  it('opens nothing from a branch that somebody else has made under this name', async () => {
    const { code, publish, record, counted } = bench()
    const files = new Map([['main.tf', 'not what was approved']])
    code.branches.set(BRANCH, { commit: 'theirs', message: 'Allow more', files })
    expect(await publish(ORDER)).toBe('failed')
    expect(counted).toEqual(['PullsFailed'])
    expect(code.pulls).toEqual([])
    expect(code.branches.get(BRANCH)?.commit).toBe('theirs')
    expect((await record())?.why).toBe(
      `the branch ${BRANCH} was made by somebody else: delete it, and it is tried again`,
    )
    code.branches.delete(BRANCH)
    expect(await publish(ORDER)).toBe('open')
  })

  it('puts its words on no pull request that somebody else has opened from a branch of this name', async () => {
    const { code, publish, record } = bench()
    const files = new Map([['main.tf', 'Allow *']])
    code.branches.set(BRANCH, { commit: 'theirs', message: 'mine', files })
    await code.host.openPull({ branch: BRANCH, into: 'main', title: 'mine', body: 'all of it' })
    expect(await publish(ORDER)).toBe('failed')
    expect(code.pulls).toMatchObject([{ title: 'mine', body: 'all of it', comments: [] }])
    expect((await record())?.why).toBe(
      `the branch ${BRANCH} was made by somebody else: delete it, and it is tried again`,
    )
  })

  it('opens nothing from a branch whose commit only says that rolemedic made it', async () => {
    const own = bench()
    await own.publish(ORDER)
    const message = own.code.branches.get(BRANCH)?.message ?? ''
    const { code, publish } = bench()
    const files = new Map([['main.tf', 'resource "aws_iam_role_policy_attachment" "admin" {}\n']])
    code.branches.set(BRANCH, { commit: 'theirs', message, files })
    await publish(ORDER)
    expect(code.branches.get(BRANCH)?.files).toEqual(own.code.branches.get(BRANCH)?.files)
    const more = bench()
    const beside = new Map([...(own.code.branches.get(BRANCH)?.files ?? []), ['more.tf', 'not approved']])
    more.code.branches.set(BRANCH, { commit: 'theirs', message, files: beside })
    await more.publish(ORDER)
    expect(more.code.branches.get(BRANCH)?.files).toEqual(own.code.branches.get(BRANCH)?.files)
  })

  it.each([
    ['a submodule', { path: 'modules/vpc', mode: '160000', id: 'theirs' }],
    ['a link', { path: 'link.tf', mode: '120000', id: 'theirs' }],
    ['a file that can be run', { path: 'main.tf', mode: '100755', id: 'main.tf' }],
  ])('opens nothing from a branch to which somebody has added %s under the message of rolemedic', async (_, entry) => {
    const own = bench()
    await own.publish(ORDER)
    const { message = '', files = new Map() } = own.code.branches.get(BRANCH) ?? {}
    const { code, publish } = bench()
    const listed = code.host.files
    Object.assign(code.host, {
      files: async (commit: string) => {
        const all = await listed(commit)
        const others = all.entries.filter(({ path }) => path !== entry.path)
        return commit === 'theirs' ? { ...all, entries: [...others, entry] } : all
      },
    })
    code.branches.set(BRANCH, { commit: 'theirs', message, files })
    await publish(ORDER)
    expect(code.branches.get(BRANCH)?.commit).not.toBe('theirs')
  })

  it('takes its own commit for its own, where a delivery died before it was on record', async () => {
    const { code, publish, store } = bench()
    await publish(ORDER)
    const { commit } = code.branches.get(BRANCH) ?? {}
    await store.putMarker(pullRecord('p-1'), 1, {
      ...{ state: 'open', number: 1, url: null, why: null, snippet: null, withdrawn: false, retryAtMs: null },
      ...{ cardUrl: null, textDigest: null, remarks: [], commit: 'before' },
    })
    expect(await publish(ORDER)).toBe('open')
    expect(code.branches.get(BRANCH)?.commit).toBe(commit)
    expect(code.pulls[0]?.comments).toEqual([])
  })

  it('knows its commit where the host failed after it, and reads no file again to compare', async () => {
    const { code, publish, record } = bench()
    const { openPull, files } = code.host
    const listed: string[] = []
    Object.assign(code.host, {
      files: (commit: string) => {
        listed.push(commit)
        return files(commit)
      },
      openPull: () => Promise.reject(new HostError('unavailable', 'the host fails', { retryAfterMs: 0 })),
    })
    expect(await publish(ORDER)).toBe('waiting')
    const { commit } = code.branches.get(BRANCH) ?? {}
    expect(await record()).toMatchObject({ number: null, commit })
    Object.assign(code.host, { openPull })
    expect(await publish(ORDER)).toBe('open')
    expect(code.branches.get(BRANCH)?.commit).toBe(commit)
    expect(listed).toEqual(['main0', 'main0'])
  })

  it('opens nothing where the code has the change already', async () => {
    const { code, publish, record } = bench(undefined, exactly('main.tf', '# roles\n', '# roles\n'))
    expect(await publish(ORDER)).toBe('current')
    expect(code.branches.has(BRANCH)).toBe(false)
    expect(await record()).toMatchObject({ state: 'current', number: null })
  })

  it('opens nothing where the code grants the change under another name, and says where', async () => {
    const reason = 'The code grants it already, in aws_iam_role_policy.deploy (main.tf): deploy it.'
    const { code, publish, record } = bench(undefined, async () => ({ outcome: 'present', reason }))
    expect(await publish(ORDER)).toBe('current')
    expect(code.branches.has(BRANCH)).toBe(false)
    expect(await record()).toMatchObject({ state: 'current', number: null, why: reason, snippet: null })
  })

  it('opens nothing without an exact edit, and keeps the snippet', async () => {
    const draft: EditCode = async () => ({
      outcome: 'draft',
      snippet: 'resource …',
      reason: 'The role is made in a loop.',
    })
    const { code, publish, record } = bench(undefined, draft)
    expect(await publish(ORDER)).toBe('snippet')
    expect(code.branches.size).toBe(1)
    expect(await record()).toMatchObject({ why: 'The role is made in a loop.', snippet: 'resource …' })
  })

  it.each([
    ['a workflow', exactly('.github/workflows/deploy.tf', '#\n', 'x')],
    ['a file outside of the paths', exactly('../main.tf', '# roles\n', 'x')],
    ['a file that was not read', exactly('other.tf', '# other\n', 'x')],
    ['a file as it is not', exactly('main.tf', '# something else\n', 'x')],
  ])('commits no edit of %s', async (_, edit) => {
    const { code, publish, record } = bench({ 'main.tf': '# roles\n', '.github/workflows/deploy.tf': '#\n' }, edit)
    expect(await publish(ORDER)).toBe('snippet')
    expect(code.branches.has(BRANCH)).toBe(false)
    expect((await record())?.why).toContain('may not be edited')
  })

  it('goes to no repository that the configuration does not have', async () => {
    const { code, publish, record } = bench()
    const place = { ...CODE, repository: { ...REPOSITORY, repository: 'acme/secrets' } }
    expect(await publish({ ...ORDER, place })).toBe('failed')
    expect(code.pulls).toEqual([])
    expect((await record())?.why).toContain('not in "repositories"')
  })

  it('reads a bounded number of files, and says what to do', async () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`m${n}/main.tf`, '#\n']))
    const { publish, record } = bench(many)
    expect(await publish({ ...ORDER, place: { ...CODE, entities: [] } })).toBe('failed')
    expect((await record())?.why).toBe(
      '"paths" of acme/orders hold 500 files, and at most 400 are read: name the folders of this account',
    )
  })

  it('reads of too many files those beside the one that a tag names', async () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`m${n}/main.tf`, '#\n']))
    const { code, publish } = bench(many)
    const entities = [{ arn: 'x', tags: { git_file: 'm7/iam.tf' } }]
    expect(await publish({ ...ORDER, place: { ...CODE, entities } })).toBe('open')
    expect(code.branches.get(BRANCH)?.files.get('m7/main.tf')).toContain('# sha256:')
  })

  it('does not read a huge file, and says so with the draft', async () => {
    const draft: EditCode = async (_, files) => ({ outcome: 'draft', snippet: null, reason: `${files.length} read.` })
    const { publish, record } = bench({ 'a.tf': '#\n', 'big.tf': '#'.repeat(600_000) }, draft)
    await publish(ORDER)
    expect((await record())?.why).toBe('1 read. Not read, as larger than 512 KB: 1 file, such as big.tf.')
  })

  it('opens nothing again that a person closed', async () => {
    const { code, publish } = bench()
    await publish(ORDER)
    const [pull] = code.pulls
    if (pull !== undefined) pull.state = 'closed'
    expect(await publish(ORDER)).toBe('closed')
    expect(await publish(ORDER)).toBe('closed')
    expect(code.pulls).toHaveLength(1)
  })
})

const named = ({ decision, signature }: ReturnType<typeof signed>, name: string) => ({
  decision: { ...decision, by: { ...decision.by, name } } as DecisionNow,
  signature,
})

describe('the people whom a pull request names', () => {
  const ANA = { id: 'U0ONCALL1', name: 'Ana' }
  const BEN = { id: 'U0ONCALL2', name: 'Ben' }
  const bodyFor = async (order: Partial<PullOrder>) => {
    const { code, publish } = bench()
    await publish({ ...ORDER, ...order })
    return code.pulls[0]?.body ?? null
  }

  it('are those who signed this change, and how many of those that it needs', async () => {
    const body = await bodyFor({ decisions: [signed(ANA, { approversNeeded: 2, risk: 'elevated' })] })
    expect(body).toContain('**Approved in Slack by (1 of 2):**\n\n- `Ana (U0ONCALL1)`')
    expect(body).toContain('**Risk:** `elevated`')
    const both = await bodyFor({ decisions: [ANA, BEN].map(by => signed(by, { approversNeeded: 2 })) })
    expect(both).toContain('**Approved in Slack by:**\n\n- `Ana (U0ONCALL1)`\n- `Ben (U0ONCALL2)`')
  })

  it('are one where two accounts have one verified e-mail address', async () => {
    const by = { chat: 'slack', teamId: null, email: 'ana@example.com' }
    const accounts = [
      signed(ANA, { approversNeeded: 2, by: { ...by, userId: 'U0ONCALL1', name: 'Ana' } }),
      signed(BEN, { approversNeeded: 2, by: { ...by, userId: 'U0ONCALL2', name: 'Ana B', email: 'ANA@example.com' } }),
    ]
    expect(await bodyFor({ decisions: accounts })).toContain('**Approved in Slack by (1 of 2):**')
  })

  it('are one where two accounts have one passkey, or a third has a part of each', async () => {
    const account = (n: number, email: string | null, device: string | null) => {
      const by = { chat: 'slack', teamId: null, userId: `U0ONCALL${n}`, name: `Ana ${n}`, email }
      const facts = { deploymentId: DEPLOYMENT, userId: by.userId, atMs: NOON }
      const passkey = device === null ? null : enrolled(deviceOf(device), facts)
      const decision = signed(ANA, { approversNeeded: 2, by }).decision as DecisionNow
      return signedBy(passkey === null ? decision : withPasskey(decision, deviceOf(device ?? ''), passkey))
    }
    for (const decisions of [
      [account(1, null, 'phone'), account(2, null, 'phone')],
      [account(1, 'ana@example.com', null), account(2, null, 'phone'), account(3, 'ana@example.com', 'phone')],
    ])
      expect(await bodyFor({ decisions })).toContain('**Approved in Slack by (1 of 2):**\n\n- `Ana 1 (U0ONCALL1)`')
  })

  it.each([
    ['nobody', []],
    ['somebody, with the key of verify', [signed(ANA, {}, 'attestations')]],
    ['somebody about another change', [signed(ANA, { patchDigest: `sha256:${'0'.repeat(64)}` })]],
    ['somebody about another proposal', [signed(ANA, { proposalId: 'p-2' })]],
    ['somebody in another deployment', [signed(ANA, { deploymentId: 'aaaaaaaa' })]],
    ['somebody who only rejected it', [signed(ANA, { kind: 'reject', reason: 'no' })]],
    ['somebody who only reverted it', [signed(ANA, { kind: 'revert' })]],
    ['a name that was put into a signed decision', [named(signed(ANA), 'Ben')]],
  ])('are none where it was signed by %s, and nothing is opened', async (_, decisions) => {
    const { code, publish, record, counted, logged } = bench()
    expect(await publish({ ...ORDER, decisions })).toBe('failed')
    expect(counted).toEqual(['Forged', 'PullsFailed'])
    expect(logged).toContain('order_not_signed')
    expect(code.pulls).toEqual([])
    expect(code.branches.has(BRANCH)).toBe(false)
    expect((await record())?.why).toBe('no signed decision asks for this change')
  })

  it('does not let a later order without them change what is open', async () => {
    const { code, publish } = bench()
    await publish(ORDER)
    const before = structuredClone(code.pulls)
    expect(await publish({ ...ORDER, wanted: 'poll', decisions: [], shown: null })).toBe('open')
    expect(code.pulls).toEqual(before)
  })

  it('are none where nobody asked for a pull request, and nothing is opened', async () => {
    expect(await bodyFor({ decisions: [signed(ANA, { pullRequest: null })] })).toBeNull()
    const both = [signed(ANA, { pullRequest: null, approversNeeded: 2 }), signed(BEN, { approversNeeded: 2 })]
    expect(await bodyFor({ decisions: both })).toContain('- `Ana (U0ONCALL1)`\n- `Ben (U0ONCALL2)`')
  })

  it('asked for the code alone, where they rejected the grant', async () => {
    const grant = signed(BEN, { endsAtMs: NOON + 3_600_000 })
    const only = signed(ANA, { kind: 'reject', reason: 'code', pullRequest: 'only' })
    expect(await bodyFor({ decisions: [grant, only] })).toContain('the request stays denied')
    const body = await bodyFor({ decisions: [only] })
    expect(body).toContain('**Asked for in Slack as code alone by:**\n\n- `Ana (U0ONCALL1)`')
    expect(body).not.toContain('Approved')
  })
})

describe('what a pull request has of the denial', () => {
  const ANA = { id: 'U0ONCALL1', name: 'Ana' }
  const { request, summary, verification } = shownOf(PROPOSAL)
  const pullOf = async (order: Partial<PullOrder>) => {
    const { code, publish } = bench()
    await publish({ ...ORDER, ...order })
    const [pull] = code.pulls
    return { title: pull?.title, has: (text: string) => pull?.body.includes(text) }
  }

  it('is what one of them was shown, also where the card has changed since', async () => {
    const before = signed(ANA, { shownDigest: `sha256:${'0'.repeat(64)}` })
    const { title, has } = await pullOf({ decisions: [before, signed(ANA)] })
    expect(title).toBe('Allow iam:PassRole on app-task for deployer')
    const denied =
      '**Denied:** `iam:PassRole` on `arn:aws:iam::111122223333:role/app-task` for `role/111122223333/deployer`'
    for (const part of [denied, `**Why:** \`${summary}\``, 'denied now, allowed with the change'])
      expect(has(part), part).toBe(true)
  })

  it.each<[string, Partial<PullOrder>]>([
    ['an order of the version before', { shown: null }],
    ['decisions that have no such digest', { decisions: [earlier()] }],
    ['another cause', { shown: { request, summary: 'harmless', verification } }],
    ['other checks', { shown: { request, summary, verification: { ...verification, after: 'denied' } } }],
  ])('is no cause and no check of %s', async (_, order) => {
    const { has } = await pullOf(order)
    expect([has('harmless'), has('**Checks'), has(summary)]).toEqual([false, false, false])
    expect(has('**Why:** not said here.')).toBe(true)
    expect(has('- `Ana (U0ONCALL1)`')).toBe(true)
  })

  it('is not what another request was denied', async () => {
    const shown = { request: [null, null, null, null, null], summary, verification }
    const { code, publish, logged } = bench()
    await publish(ORDER)
    expect(logged).not.toContain('order_words_not_signed')
    await publish({ ...ORDER, shown, wanted: 'poll' })
    expect(logged).toContain('order_words_not_signed')
    expect(code.pulls[0]?.title).toBe('Change the policies of deployer')
    expect(code.pulls[0]?.body).not.toContain('**Denied')
    expect(code.pulls[0]?.body).toContain(summary)
  })

  /** Version 2 signed the fingerprint, and no digest of what was shown. */
  function earlier() {
    const {
      kind,
      proposalId,
      patchDigest: digest,
      fingerprint,
      requester,
      risk,
      approversNeeded,
      ...rest
    } = (signed(ANA) as { decision: DecisionNow }).decision
    const { endsAtMs, reason, configDigest, atMs } = rest
    const by = { userId: ANA.id, teamId: null, name: ANA.name }
    const facts = { kind, proposalId, patchDigest: digest, fingerprint, requester, risk, approversNeeded, endsAtMs }
    return signedBy({
      ...{ schema: 'rolemedic.decision/2', ...facts, reason, configDigest, atMs, by, pullRequest: 'with' },
    } as Parameters<typeof signedBy>[0])
  }
})

describe('an order to close', () => {
  it('closes the pull request and deletes the branch, and no later order opens it again', async () => {
    const { code, publish } = bench()
    await publish(ORDER)
    expect(await publish({ ...ORDER, wanted: 'closed' })).toBe('closed')
    expect(code.branches.has(BRANCH)).toBe(false)
    expect(code.pulls).toMatchObject([
      { state: 'closed', comments: ['`Closed by rolemedic: the audit log says why.`'] },
    ])
    expect(await publish(ORDER)).toBe('nothing-to-do')
    expect(code.pulls).toHaveLength(1)
  })

  it('that comes first lets nothing be opened', async () => {
    const { code, publish } = bench()
    expect(await publish({ ...ORDER, wanted: 'closed' })).toBe('closed')
    expect(await publish(ORDER)).toBe('nothing-to-do')
    expect(code.pulls).toEqual([])
  })

  it('takes an orphan branch away', async () => {
    const { code, publish } = bench()
    await publish(ORDER)
    code.pulls.length = 0
    await publish({ ...ORDER, wanted: 'closed' })
    expect(code.branches.has(BRANCH)).toBe(false)
  })
})

describe('a push of somebody else to the branch', () => {
  it('is noted in a comment of the pull request, once for each commit', async () => {
    const { code, publish } = bench()
    await publish(ORDER)
    const files = new Map([['main.tf', 'Allow *']])
    code.branches.set(BRANCH, { commit: 'theirs', message: 'more', files })
    for (let times = 0; times < 2; times += 1) await publish({ ...ORDER, wanted: 'poll' })
    const comment =
      '`Somebody else has pushed to this branch. Nobody approved that in the chat: review it like any other change.`'
    expect(code.pulls[0]?.comments).toEqual([comment])
    code.branches.set(BRANCH, { commit: 'theirs2', message: 'more', files })
    await publish({ ...ORDER, wanted: 'poll' })
    expect(code.pulls[0]?.comments).toEqual([comment, comment])
  })

  it('is noted where it keeps the message of ours and the code of others has not moved', async () => {
    const { code, publish } = bench()
    await publish(ORDER)
    const { message = '' } = code.branches.get(BRANCH) ?? {}
    code.branches.set(BRANCH, { commit: 'amended', message, files: new Map([['main.tf', 'Allow *']]) })
    for (const pull of code.pulls) pull.conflicts = true
    for (let times = 0; times < 2; times += 1) await publish({ ...ORDER, wanted: 'poll' })
    expect(code.branches.get(BRANCH)?.commit).toBe('amended')
    expect(code.pulls[0]?.comments).toHaveLength(1)
    expect(code.pulls[0]?.comments[0]).toContain('Somebody else has pushed to this branch.')
  })

  it('is noted, and stays, where its message says that it is ours, without any file', async () => {
    const { code, publish } = bench()
    await publish(ORDER)
    const theirs = {
      commit: 'theirs',
      message: commitMessage('Allow', 'p-1', []),
      files: new Map([['main.tf', 'Allow *']]),
    }
    code.branches.set(BRANCH, theirs)
    await publish({ ...ORDER, wanted: 'poll' })
    expect(code.pulls[0]?.comments).toHaveLength(1)
    await publish({ ...ORDER, wanted: 'closed' })
    expect(code.branches.get(BRANCH)).toEqual(theirs)
  })
})

describe('a push of a person between what publish reads and what it writes', () => {
  const THEIRS = { commit: 'theirs', message: 'better this way', files: new Map([['main.tf', 'by a person']]) }

  /** An open pull request that has to be brought up to date. */
  async function opened() {
    const made = bench()
    await made.publish(ORDER)
    made.code.branches.set('main', { commit: 'main1', message: 'moved', files: new Map([['main.tf', '# moved\n']]) })
    for (const pull of made.code.pulls) pull.conflicts = true
    return made
  }
  /** After the branch was read for the first time from now on. */
  function afterRead({ host }: MemoryCodeHost, happens: () => void) {
    const { head } = host
    host.head = async branch => {
      const found = await head(branch)
      if (branch !== BRANCH) return found
      host.head = head
      happens()
      return found
    }
  }

  it('stays, and the pull request stays open', async () => {
    const { code, publish, record } = await opened()
    afterRead(code, () => code.branches.set(BRANCH, THEIRS))
    expect(await publish({ ...ORDER, wanted: 'poll' })).toBe('open')
    expect(code.branches.get(BRANCH)).toEqual(THEIRS)
    expect(code.pulls).toHaveLength(1)
    expect(await record()).toMatchObject({
      state: 'open',
      number: 1,
      why: 'somebody else has changed its branch, so rolemedic does not bring it up to date',
    })
  })

  it('stays where it is our commit, amended', async () => {
    const { code, publish } = await opened()
    const ours = code.branches.get(BRANCH)
    const amended = { commit: 'amended', message: ours?.message ?? '', files: new Map([['main.tf', 'by a person']]) }
    code.branches.set(BRANCH, amended)
    expect(await publish({ ...ORDER, wanted: 'poll' })).toBe('open')
    expect(await publish({ ...ORDER, wanted: 'closed' })).toBe('closed')
    expect(code.branches.get(BRANCH)).toEqual(amended)
  })

  it('stays when the pull request is closed, which is said once', async () => {
    const { code, publish } = await opened()
    afterRead(code, () => code.branches.set(BRANCH, THEIRS))
    expect(await publish({ ...ORDER, wanted: 'closed' })).toBe('closed')
    expect(code.branches.get(BRANCH)).toEqual(THEIRS)
    expect(code.pulls).toMatchObject([
      { state: 'closed', comments: ['`Closed by rolemedic: the audit log says why.`'] },
    ])
  })

  it('stays, and no pull request is opened from it', async () => {
    const { code, publish, record } = await opened()
    code.pulls.length = 0
    afterRead(code, () => code.branches.set(BRANCH, THEIRS))
    expect(await publish({ ...ORDER, wanted: 'open' })).toBe('open')
    expect(code.branches.get(BRANCH)).toEqual(THEIRS)
    expect(code.pulls).toEqual([])
    expect((await record())?.why).toBe(
      `the branch ${BRANCH} was made by somebody else: delete it, and it is tried again`,
    )
  })

  it('is no merge where the person turns the pull request to another branch and merges it there', async () => {
    const { code, publish, record } = await opened()
    const [pull] = code.pulls
    if (pull !== undefined) pull.into = 'feature'
    code.merge(1)
    expect(await publish({ ...ORDER, wanted: 'poll' })).toBe('closed')
    expect(await record()).toMatchObject({ state: 'closed', why: 'it was merged into feature, not into main' })
  })

  it('is seen as a merge where the person merges', async () => {
    const { code, publish } = await opened()
    afterRead(code, () => code.merge(1))
    expect(await publish({ ...ORDER, wanted: 'poll' })).toBe('merged')
    expect(code.branches.has(BRANCH)).toBe(false)
  })

  it('is waited for where the branch moves each time', async () => {
    const { code, publish, record, store } = await opened()
    // As an earlier version stored it: without the commit that it wrote.
    const stored = await store.getMarker(pullRecord('p-1'))
    const { commit: _, ...value } = stored?.value ?? expect.fail('no record')
    await store.putMarker(pullRecord('p-1'), stored?.version ?? 0, value)
    const before = code.branches.get(BRANCH)
    let pushes = 0
    const { head } = code.host
    code.host.head = async branch => {
      const found = await head(branch)
      // Another delivery of ours, each time.
      if (branch === BRANCH && before !== undefined) code.branches.set(BRANCH, { ...before, commit: `o${++pushes}` })
      return found
    }
    expect(await publish({ ...ORDER, wanted: 'poll' })).toBe('open')
    expect(pushes).toBe(2)
    expect(code.branches.get(BRANCH)?.commit).toBe('o2')
    expect(await record()).toMatchObject({ state: 'open', why: 'the branch has moved on', retryAtMs: NOON + 120_000 })
  })
})

describe('what publish counts and keeps', () => {
  it('is each pull request once, and nothing of an order that changes nothing', async () => {
    const { publish, counted, logged, store } = bench()
    for (let times = 0; times < 3; times += 1) await publish(ORDER)
    expect(counted).toEqual(['PullsOpened'])
    expect(logged).not.toContain('order_not_signed')
    const { version } = (await store.getMarker(pullRecord('p-1'))) ?? {}
    await publish({ ...ORDER, wanted: 'poll' })
    expect((await store.getMarker(pullRecord('p-1')))?.version).toBe(version)
  })

  it('is a failure once, and not what is closed without a signature', async () => {
    const { publish, counted, code } = bench()
    code.branches.delete('main')
    for (let times = 0; times < 2; times += 1) expect(await publish(ORDER)).toBe('failed')
    expect(counted).toEqual(['PullsFailed'])
    expect(await publish({ ...ORDER, wanted: 'closed', decisions: [] })).toBe('closed')
    expect(counted).toEqual(['PullsFailed'])
  })
})

describe('a pull request that is there already', () => {
  it('is taken with the words of rolemedic once its branch has the commit of rolemedic', async () => {
    const { code, publish, record } = bench()
    const message = commitMessage('Allow', 'p-1', [{ file: 'main.tf', after: 'Allow *' }])
    code.branches.set(BRANCH, { commit: 'theirs', message, files: new Map([['main.tf', 'Allow *']]) })
    await code.host.openPull({ branch: BRANCH, into: 'main', title: 'mine', body: 'all of it' })
    expect(await publish(ORDER)).toBe('open')
    expect(code.branches.get(BRANCH)?.files.get('main.tf')).toMatch(/^# roles\n# sha256:/)
    expect(code.pulls).toHaveLength(1)
    expect(code.pulls[0]?.body).toContain('Ana (U0ONCALL1)')
    expect(await record()).toMatchObject({ number: 1 })
  })

  it.each([
    ['conflict', 'open'],
    ['invalid', 'open'],
    ['forbidden', 'failed'],
  ] as const)('is found where the host calls a second one %s', async (problem, state) => {
    const { code, publish } = bench()
    const { openPull } = code.host
    code.host.openPull = async asked => {
      code.host.openPull = openPull
      await openPull(asked)
      throw new HostError(problem, 'there is one')
    }
    expect(await publish(ORDER)).toBe(state)
    expect(code.pulls).toHaveLength(1)
  })

  it('is polled without reading the code, keeps its card, and has each reminder once', async () => {
    const { code, publish, time } = bench()
    const decisions = [signed({ id: 'U0ONCALL1', name: 'Ana' }, { endsAtMs: NOON + 3_600_000 })]
    await publish({ ...ORDER, decisions, cardUrl: 'https://acme.slack.com/archives/C1/p1' })
    code.host.files = () => expect.fail('the code is read')
    const poll = { ...ORDER, decisions, wanted: 'poll' } as const
    for (const reminder of [0, 0, null, 1, 2, 0]) await publish({ ...poll, reminder })
    const text =
      '`Not merged yet. The grant that people approved outside the code ends 2026-11-24 13:00 UTC; from then on the request is denied.`'
    expect(code.pulls[0]?.comments).toEqual([text, text])
    expect(code.pulls[0]?.body).toContain('https://acme.slack.com/archives/C1/p1')
    expect(code.pulls[0]?.body).toContain('**Until 2026-11-24 13:00 UTC,** people approved a grant outside the code.')
    time.nowMs = NOON + 3_600_000
    await publish({ ...poll, reminder: 1 })
    expect(code.pulls[0]?.body).toContain('**Until this is deployed,** the request stays denied.')
    expect(code.pulls[0]?.comments).toHaveLength(2)
  })

  it('has a reminder only of an end that people signed', async () => {
    const { code, publish } = bench()
    for (const wanted of ['open', 'poll'] as const) await publish({ ...ORDER, wanted, reminder: 0 })
    expect(code.pulls[0]?.comments).toEqual([])
  })

  it('keeps its branch where it is merged before it is closed', async () => {
    const { code, publish } = bench()
    await publish(ORDER)
    const branch = code.branches.get(BRANCH)
    code.merge(1)
    if (branch !== undefined) code.branches.set(BRANCH, branch)
    expect(await publish({ ...ORDER, wanted: 'closed' })).toBe('merged')
    expect(code.branches.has(BRANCH)).toBe(true)
  })

  it.each(['theirs', 'main0'])('is not taken for exactly ours where the host lists a part of %s', async cut => {
    const own = bench()
    await own.publish(ORDER)
    const { message = '', files = new Map() } = own.code.branches.get(BRANCH) ?? {}
    const { code, publish } = bench()
    const listed = code.host.files
    let isRead = false
    code.host.files = async commit => {
      // The code itself is listed as a whole, and then compared.
      const all = { ...(await listed(commit)), complete: commit !== cut || !isRead }
      isRead = isRead || commit === 'main0'
      return all
    }
    code.branches.set(BRANCH, { commit: 'theirs', message, files })
    await publish(ORDER)
    expect(code.branches.get(BRANCH)?.commit).not.toBe('theirs')
  })
})

describe('a host that asks to be left alone', () => {
  /** Until the test says otherwise. */
  function busy() {
    const made = bench()
    const { pull } = made.code.host
    const asked = { times: 0, isBusy: true }
    made.code.host.pull = async branch => {
      asked.times += 1
      if (asked.isBusy) throw new HostError('rate-limited', 'later', { retryAfterMs: 600_000 })
      return pull(branch)
    }
    return { ...made, asked }
  }

  it('is asked nothing before, and is asked again then', async () => {
    const { publish, asked, time, code } = busy()
    expect(await publish(ORDER)).toBe('waiting')
    asked.isBusy = false
    time.nowMs = NOON + 599_999
    expect(await publish(ORDER)).toBe('waiting')
    expect(asked.times).toBe(1)
    time.nowMs = NOON + 600_000
    expect(await publish(ORDER)).toBe('open')
    expect(code.pulls).toHaveLength(1)
  })

  it.each(['waiting', 'open'] as const)(
    'is asked again to close what was %s, and no order opens it before',
    async state => {
      const { publish, asked, time, code } = busy()
      asked.isBusy = state === 'waiting'
      expect(await publish(ORDER)).toBe(state)
      asked.isBusy = true
      time.nowMs += 600_000
      expect(await publish({ ...ORDER, wanted: 'closed' })).toBe(state)
      asked.isBusy = false
      time.nowMs += 600_000
      const opened = code.pulls.length
      expect(await publish(ORDER)).toBe('nothing-to-do')
      expect(code.pulls).toHaveLength(opened)
      expect(await publish({ ...ORDER, wanted: 'closed' })).toBe('closed')
      expect(code.pulls.map(pull => pull.state)).toEqual(state === 'open' ? ['closed'] : [])
      const before = asked.times
      expect(await publish({ ...ORDER, wanted: 'closed' })).toBe('nothing-to-do')
      expect(asked.times).toBe(before)
    },
  )
})

describe('the message of the publish queue', () => {
  it('comes again where another worker has stored its record, and is dropped where it is for another function', async () => {
    const logged: string[] = []
    const observer = { log: (_: string, event: string) => void logged.push(event), count: () => {} }
    let asked = 0
    const publish = async () => {
      asked += 1
      return 'again' as const
    }
    await expect(consume(workMessage({ kind: 'publish', order: ORDER }), { publish, observer })).rejects.toThrow(
      'another worker has stored its record meanwhile',
    )
    await consume(workMessage({ kind: 'publish', order: ORDER }), { publish: async () => 'open', observer })
    expect([asked, logged]).toEqual([1, ['work_done', 'work_failed', 'work_done']])
    await consume(workMessage({ kind: 'verify', proposalId: 'p-1' }), { publish, observer })
    await consume(TRIAL_MESSAGE, { publish, observer })
    expect([asked, logged.slice(3)]).toEqual([1, ['message_unreadable']])
  })

  it('is read as it was written', () => {
    const work = { kind: 'publish' as const, order: ORDER }
    expect(parseWork(workMessage(work))).toEqual({ ok: true, value: work })
  })

  it.each([
    ['another id', { proposalId: '../x' }],
    ['no change that is a policy', { changes: [{ ...IDENTITY_CHANGE, after: 'x' }] }],
    ['an unknown wish', { wanted: 'merge' }],
  ])('is dropped with %s', async (_, wrong) => {
    const { publish, code } = bench()
    await consume(JSON.stringify({ kind: 'publish', order: { ...ORDER, ...wrong } }), { publish, observer: QUIET })
    expect(code.pulls).toEqual([])
  })
})
