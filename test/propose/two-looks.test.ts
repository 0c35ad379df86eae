/** A new denial is shown at once without buttons, and decided once IAM has settled. */

import { afterEach, describe, expect, it, vi } from 'vitest'
import { settleGraceMs } from '../../core/denial/denial-timing.ts'
import type { Role } from '../../core/iam/evaluation/access-snapshot.ts'
import { renderHome } from '../../functions/adapters/slack/blocks/home.ts'
import { configSchema } from '../../functions/domain/config/config.ts'
import type { DeployState } from '../../functions/domain/deploy/deploy.ts'
import { proposalId } from '../../functions/domain/proposal/proposal.ts'
import { firstLook } from '../../functions/domain/stored/markers.ts'
import { makeFirstLook } from '../../functions/propose/first-look.ts'
import { carryOut, makePropose } from '../../functions/propose/propose.ts'
import { postCard } from '../../functions/workflows/card/post-card.ts'
import { changeDeploy, listDeploy } from '../../functions/workflows/deploy/deploy-store.ts'
import { gatherOpen } from '../../functions/workflows/home/open-cards.ts'
import { gatherHome } from '../../functions/workflows/home/publish-home.ts'
import { linesIn } from '../card-text.ts'
import { DENIAL, inStatus, MINUTE, NOON, sampleProposal } from '../fakes/sample-proposal.ts'
import {
  alreadyAllowed,
  notOurs,
  type ProposeBench,
  proposeBench,
  sampleAnalysis,
  solvedItself,
} from './propose-fixture.ts'

const FP = '0123456789abcdef'
const ID = proposalId(FP, null)
const SECOND = 1_000
const CONFIG = configSchema.parse({
  mode: 'approve',
  approvers: { users: ['U0ONCALL1', 'U0ONCALL2'] },
  digestAfterCards: 3,
})

let bench: ProposeBench
afterEach(() => bench.slack.close())

const start = async (config = CONFIG): Promise<void> => {
  bench = await proposeBench({ config, settleSeconds: 60 })
}
const denied = (fingerprint = FP, atMs = bench.now()) =>
  bench.recordOccurrence(fingerprint, atMs, { resource: `arn:aws:iam::111122223333:role/app-${fingerprint}` })
const channel = () => bench.slack.messages().filter(({ threadTs }) => threadTs === null)
const thread = () => bench.slack.messages().filter(({ threadTs }) => threadTs !== null)
const hasApprove = (): boolean => JSON.stringify(bench.slack.messages()).includes('"action_id":"approve"')
const card = () => linesIn(channel()[0]?.blocks ?? []).join('\n')

describe('the first look', () => {
  it('shows within seconds what is seen so far, without any button, and stores nothing that can be decided', async () => {
    await start()
    await denied()
    bench.setNow(NOON + 2 * SECOND)
    expect(await bench.lookFirst(FP)).toBe('posted')
    expect(channel()).toHaveLength(1)
    expect(card()).toContain('Settling: deployer was denied iam:PassRole on app-')
    expect(card()).toContain(
      'IAM may still be settling: looking again at 2026-11-24 12:01 UTC. Nobody can approve before.',
    )
    expect(card()).toContain('So far: Low risk in account 111122223333.')
    expect(JSON.stringify(bench.slack.messages())).not.toContain('"type":"button"')
    expect(JSON.stringify(bench.slack.messages())).not.toContain('U0ONCALL1')
    expect(await bench.store.get(ID)).toBeNull()
    expect(await bench.store.occurrence(FP)).toMatchObject({ proposalId: null })
    expect(bench.audit).toEqual([])
    expect(bench.notices).toEqual([])
  })

  it.each([
    ['a denial that the policies allow by now', solvedItself, 'noise'],
    ['a denial that is allowed', alreadyAllowed, 'noise'],
  ])('shows nothing for %s', async (_, finding, outcome) => {
    await start()
    bench.finding = finding()
    await denied()
    expect(await bench.lookFirst(FP)).toBe(outcome)
    expect(bench.slack.messages()).toEqual([])
  })

  it('shows nothing where the account is observed', async () => {
    await start(configSchema.parse({ ...CONFIG, mode: 'observe' }))
    await denied()
    expect(await bench.lookFirst(FP)).toBe('observed')
    expect(bench.slack.messages()).toEqual([])
    expect(bench.analyzed).toEqual([])
  })

  it('shows what has nothing to approve, too', async () => {
    await start()
    bench.finding = notOurs()
    await denied()
    expect(await bench.lookFirst(FP)).toBe('posted')
    expect(card()).toContain('So far: Nothing to approve in account 111122223333. A service control policy denies it.')
  })

  it('shows nothing in a storm, which stays one list', async () => {
    await start()
    const all = ['1', '2', '3', '4', '5', '6'].map(n => n.repeat(16))
    for (const fingerprint of all) await denied(fingerprint)
    const looks: string[] = []
    for (const fingerprint of all) looks.push(await bench.lookFirst(fingerprint))
    expect(looks).toEqual(['posted', 'posted', 'posted', 'listed', 'listed', 'listed'])
    expect(bench.analyzed).toHaveLength(3)
    bench.setNow(NOON + MINUTE)
    for (const fingerprint of all) await bench.propose(fingerprint)
    expect(channel()).toHaveLength(4)
    expect(channel()[3]?.text).toContain('Many denials')
    expect(thread().filter(({ threadTs }) => threadTs === channel()[3]?.ts)).toHaveLength(3)
  })

  it('is over once the settle time is, and where a proposal is there', async () => {
    await start()
    await denied()
    bench.setNow(NOON + MINUTE)
    expect(await bench.lookFirst(FP)).toBe('late')
    await bench.propose(FP)
    bench.setNow(NOON + 2 * SECOND)
    expect(await bench.lookFirst(FP)).toBe('known')
    expect(channel()).toHaveLength(1)
    expect(hasApprove()).toBe(true)
  })

  it('that fails fails alone: the second look posts', async () => {
    await start()
    await denied()
    bench.slack.addFault({ kind: 'http', status: 503, times: 99 })
    expect(await bench.lookFirst(FP)).toBe('failed')
    bench.slack.clearFaults()
    bench.setNow(NOON + MINUTE)
    expect(await bench.propose(FP)).toMatchObject({ kind: 'posted' })
    expect(channel()).toHaveLength(1)
    expect(hasApprove()).toBe(true)
  })
})

describe('the second look', () => {
  const looked = async (): Promise<void> => {
    await start()
    await denied()
    await bench.lookFirst(FP)
  }

  it('that comes early shows no button, and is asked for again', async () => {
    await start()
    await denied()
    bench.setNow(NOON + 20 * SECOND)
    expect(await bench.propose(FP)).toEqual({ kind: 'settling' })
    expect(bench.later).toEqual([{ work: { kind: 'propose', fingerprint: FP }, delaySeconds: 40 }])
    expect(await bench.store.get(ID)).toBeNull()
    expect(bench.slack.messages()).toEqual([])
  })

  it('gives the card its buttons with one update, and mentions those who can decide, once', async () => {
    await looked()
    bench.setNow(NOON + MINUTE)
    expect(await bench.propose(FP)).toMatchObject({ kind: 'posted', proposalId: ID })
    expect(channel()).toHaveLength(1)
    expect(channel()[0]?.updatedCount).toBe(1)
    expect(hasApprove()).toBe(true)
    expect(inStatus(await bench.store.get(ID), 'open').card.message).toBe(channel()[0]?.ts)
    expect(thread()).toHaveLength(1)
    expect(thread()[0]?.text).toContain('Looked at again: it waits for a decision now.')
    expect(JSON.stringify(thread()[0]?.blocks).match(/U0ONCALL1/g)).toHaveLength(1)
    expect(bench.audit.filter(({ kind }) => kind === 'proposed')).toHaveLength(1)
    expect(bench.notices).toHaveLength(1)
  })

  it.each([
    ['at once where nothing is to approve, as nothing else shows it', notOurs, true],
    ['with the next ten minutes where the card is open', sampleAnalysis, false],
  ])('leaves what repeats then to be shown %s', async (_, finding, isShown) => {
    await start()
    bench.finding = finding()
    await denied()
    await bench.lookFirst(FP)
    bench.setNow(NOON + 61 * SECOND)
    await bench.propose(FP)
    await denied(FP, NOON + 2 * MINUTE)
    bench.setNow(NOON + 2 * MINUTE)
    await bench.propose(FP)
    expect(card().includes('2 times')).toBe(isShown)
  })

  it.each([
    ['is being analyzed', 'analyze'],
    ['is being posted', 'post-card'],
  ] as const)('counts what is denied again while the card %s', async (_, during) => {
    await looked()
    bench.finding = notOurs()
    bench.setNow(NOON + MINUTE)
    const again = async (): Promise<void> => {
      await denied()
      await bench.propose(FP)
    }
    const propose = makePropose(bench.deps, async step => {
      if (step.kind === during) await again()
      return carryOut(step, bench.deps)
    })
    await propose(FP)
    expect(channel()).toHaveLength(1)
    expect(card()).toContain('2 times')
  })

  it('that a message brings twice changes nothing', async () => {
    await looked()
    bench.setNow(NOON + MINUTE)
    await bench.propose(FP)
    const before = bench.slack.messages()
    await bench.propose(FP)
    await bench.lookFirst(FP)
    expect(bench.slack.messages()).toEqual(before)
  })

  it('closes the card in one line where the denial has solved itself, and mentions nobody', async () => {
    await looked()
    bench.finding = solvedItself()
    bench.setNow(NOON + MINUTE)
    expect(await bench.propose(FP)).toMatchObject({ kind: 'recorded' })
    expect(channel()).toHaveLength(1)
    expect(card()).toContain('Solved itself: deployer was denied iam:PassRole')
    expect(card()).toContain('Looked at again: The policies allow it, and the role was 4 s old when it was denied.')
    expect(JSON.stringify(bench.slack.messages())).not.toMatch(/"type":"button"|U0ONCALL/)
    expect(thread()).toEqual([])
  })

  it('points from the card to the one of its deploy, which has the denial by then', async () => {
    await looked()
    const resource = `arn:aws:iam::111122223333:role/app-${FP}`
    const holder = 'f'.repeat(16)
    const card = await bench.deps.chat.post('C0DEPLOYS', { text: 'the deploy', blocks: [] }, 'p-holder')
    const place = { logicalId: 'App', property: 'Role', line: 3, constructPath: null }
    const need = { denial: { ...DENIAL, resource }, isMade: false, operation: 'RunTask', place, summary: 'App.Role' }
    const none = { place: null, isMade: false, alone: null, unnamed: 0, refused: [], unread: null }
    await bench.recordOccurrence(holder, NOON)
    const open = sampleProposal({ id: 'p-holder', fingerprint: holder, card, template: { ...none, needs: [need] } })
    await bench.store.create(open)
    await bench.store.claimOccurrence(holder, null, 'p-holder')
    const state: DeployState = {
      ...{ key: holder, round: 1, noticedAtMs: NOON, noticingUntilMs: 0, alert: card, postingUntilMs: 0 },
      deploy: {
        ...{ kind: 'codepipeline', accountId: '111122223333', region: 'eu-west-1', target: 'orders', name: 'orders' },
        ...{ attempt: 'e-1', status: 'FAILED', failedAtMs: NOON, reasons: [], log: null },
      },
      correlation: {
        ...{ requests: [], roles: [], sessions: [], via: null, ownRoles: [] },
        ...{ fromMs: NOON - MINUTE, untilMs: NOON + MINUTE, explained: false },
      },
      attempts: [{ id: 'e-1', atMs: NOON }],
      causes: [{ fingerprint: holder, confidence: 'caused by' }],
    }
    await changeDeploy(state.key, bench.store, () => state)
    await listDeploy(state, bench.store)
    bench.setNow(NOON + MINUTE)
    expect(await bench.propose(FP)).toMatchObject({ kind: 'repeated', proposalId: 'p-holder' })
    expect(channel()).toHaveLength(2)
    expect(linesIn(channel()[0]?.blocks ?? []).join('\n')).toContain('This denial is on another card.')
    expect(JSON.stringify(channel()[0]?.blocks)).toContain(`/archives/C0DEPLOYS/p${card.message.replace('.', '')}`)
    expect(hasApprove()).toBe(false)
  })

  it('changes the answer', async () => {
    await looked()
    bench.finding = notOurs()
    bench.setNow(NOON + MINUTE)
    await bench.propose(FP)
    expect(card()).toContain('Nothing to approve in account 111122223333.')
    expect(hasApprove()).toBe(false)
    expect(JSON.stringify(thread())).not.toContain('U0ONCALL')
  })

  it('waits until the last change of either side is a minute old, as far as it is seen', async () => {
    await start()
    const role = { kind: 'role', arn: 'arn:aws:iam::111122223333:role/deployer', createdAtMs: NOON + 40 * SECOND }
    const value = { ...role, policies: [], unseen: [], boundary: { kind: 'absent' } } as unknown as Role
    const young = sampleAnalysis()
    bench.finding = { ...young, snapshot: { ...young.snapshot, caller: { kind: 'found', value } } }
    await denied()
    bench.setNow(NOON + MINUTE)
    expect(await bench.propose(FP)).toEqual({ kind: 'settling' })
    expect(bench.later).toEqual([{ work: { kind: 'propose', fingerprint: FP }, delaySeconds: 40 }])
    expect(hasApprove()).toBe(false)
    bench.setNow(NOON + 100 * SECOND)
    expect(await bench.propose(FP)).toMatchObject({ kind: 'posted' })
    expect(hasApprove()).toBe(true)
  })

  it('waits for a change that is made while it reads, too', async () => {
    await start()
    const role = { kind: 'role', arn: 'arn:aws:iam::111122223333:role/deployer', createdAtMs: NOON + 61 * SECOND }
    const value = { ...role, policies: [], unseen: [], boundary: { kind: 'absent' } } as unknown as Role
    const young = sampleAnalysis()
    bench.finding = { ...young, snapshot: { ...young.snapshot, caller: { kind: 'found', value } } }
    await denied()
    bench.setNow(NOON + MINUTE)
    const propose = makePropose(bench.deps, async step => {
      if (step.kind === 'analyze') bench.setNow(NOON + 63 * SECOND)
      return carryOut(step, bench.deps)
    })
    expect(await propose(FP)).toEqual({ kind: 'settling' })
    expect(bench.later).toEqual([{ work: { kind: 'propose', fingerprint: FP }, delaySeconds: 58 }])
    expect(hasApprove()).toBe(false)
  })

  it('whose update is lost is shown by the next attempt, and until then nobody can press', async () => {
    await looked()
    bench.setNow(NOON + MINUTE)
    bench.slack.addFault({ kind: 'http', status: 503, times: 99 })
    expect(await bench.propose(FP)).toMatchObject({ kind: 'delayed' })
    bench.slack.clearFaults()
    expect(hasApprove()).toBe(false)
    await postCard(inStatus(await bench.store.get(ID), 'drafted'), bench.deps)
    expect(channel()).toHaveLength(1)
    expect(hasApprove()).toBe(true)
  })

  it('posts the card again, once, where somebody deleted the early one', async () => {
    await looked()
    bench.setNow(NOON + MINUTE)
    const deleted = { kind: 'refused', error: 'message_not_found', method: 'chat.update', times: 99 } as const
    bench.slack.addFault(deleted)
    bench.slack.addFault({ kind: 'http', status: 503, method: 'chat.postMessage', times: 99 })
    expect(await bench.propose(FP)).toMatchObject({ kind: 'delayed' })
    bench.slack.clearFaults()
    bench.slack.addFault(deleted)
    await postCard(inStatus(await bench.store.get(ID), 'drafted'), bench.deps)
    const withButtons = channel().filter(({ blocks }) => JSON.stringify(blocks).includes('"action_id":"approve"'))
    expect(withButtons).toHaveLength(1)
    expect(await bench.store.get(ID)).toMatchObject({ status: 'open', card: { message: withButtons[0]?.ts } })
  })

  it('that is faster than a slow first post has the last word', async () => {
    await start()
    await denied()
    const { chat } = bench.deps
    let go = (): void => {}
    const held = new Promise<void>(resolve => {
      go = resolve
    })
    const post = vi.fn<typeof chat.post>(async (...given) => {
      await held
      return chat.post(...given)
    })
    const slow = makeFirstLook({ ...bench.deps, chat: { ...chat, post } })(FP)
    await vi.waitFor(() => expect(post).toHaveBeenCalled(), { timeout: 30_000 })
    bench.setNow(NOON + MINUTE)
    await bench.propose(FP)
    go()
    expect(await slow).toBe('known')
    const texts = channel().map(({ blocks }) => JSON.stringify(blocks))
    expect(texts.filter(text => text.includes('"action_id":"approve"'))).toHaveLength(1)
    expect(texts.filter(text => text.includes('Settling'))).toEqual([])
  })

  it('is asked for by the sweep where it is lost, and until then no button is there', async () => {
    await looked()
    const grace = settleGraceMs({ settleSeconds: 60 })
    expect((await bench.store.dueOccurrences(NOON + grace, 10)).map(({ fingerprint }) => fingerprint)).toEqual([FP])
    expect(hasApprove()).toBe(false)
  })
})

describe('what settles', () => {
  it('is listed as such, with its card, until the second look', async () => {
    await start()
    await denied()
    await bench.lookFirst(FP)
    const listed = async () =>
      (await gatherOpen('U0ONCALL1', bench.now(), bench.deps)).sections.map(({ title, items }) => [title, items.length])
    expect(await listed()).toEqual([['Settling', 1]])
    const home = await gatherHome('U0ONCALL1', { ...bench.deps, clock: bench.now })
    expect(home.sections.map(({ title, items }) => [title, items.length]).slice(0, 2)).toEqual([
      ['Waiting for you', 0],
      ['Settling', 1],
    ])
    expect(JSON.stringify(renderHome(home))).not.toMatch(/"(actions|button|action_id)"/)
    bench.setNow(NOON + MINUTE)
    await bench.propose(FP)
    expect(await listed()).toEqual([['Waiting for you', 1]])
    expect((await bench.store.getMarker(firstLook(ID)))?.value.isOver).toBe(true)
  })
})
