/**
 * The process dies at each step of the plan, around each call of a port. The message is delivered again, and the end state must
 * be the same.
 */
import { describe, expect, it } from 'vitest'
import type { Denial } from '../../core/denial/denial.ts'
import { fingerprintOf } from '../../core/denial/fingerprint.ts'
import { asHearsay } from '../../core/diagnosis/hearsay.ts'
import type { VerifiedPatch } from '../../core/patch/verification/verification.ts'
import type { Witness } from '../../functions/domain/authority/witness.ts'
import { type BotConfig, botConfigSchema } from '../../functions/domain/config/config.ts'
import type { DeployState } from '../../functions/domain/deploy/deploy.ts'
import type { Proposal } from '../../functions/domain/proposal/proposal.ts'
import { firstRun } from '../../functions/domain/stored/markers.ts'
import { makeFirstLook } from '../../functions/propose/first-look.ts'
import type { ProposeStep } from '../../functions/propose/plan.ts'
import { carryOut, makePropose, type ProposeDeps } from '../../functions/propose/propose.ts'
import { makeSweep } from '../../functions/sweep/sweep.ts'
import { postCard } from '../../functions/workflows/card/post-card.ts'
import type { Analysis } from '../../functions/workflows/denial/analyze-denial.ts'
import { changeDeploy, listDeploy } from '../../functions/workflows/deploy/deploy-store.ts'
import { CONFIG, memoryBot } from '../fakes/memory-bot.ts'
import { DENIAL, inStatus, MINUTE, NOON, OTHER_DIGEST, sampleProposal, VERIFICATION } from '../fakes/sample-proposal.ts'
import { decisionAbout, signedBy } from '../fakes/signing.ts'
import { alreadyAllowed, notOurs, sampleAnalysis } from './propose-fixture.ts'

class Killed extends Error {}
const FP = fingerprintOf(DENIAL)
const OTHER_ROLE: Denial = { ...DENIAL, id: 'event-2', resource: 'arn:aws:iam::111122223333:role/batch-task' }
const OTHER_FP = fingerprintOf(OTHER_ROLE)
const OBSERVE = botConfigSchema.parse({ ...CONFIG, mode: 'observe' })

/** `kind`: the step in progress. `call`: before or after a call of a port. `learned`: the step is done. */
type Moment = { readonly kind: ProposeStep['kind']; readonly at: string }

type World = ReturnType<typeof makeWorld>
function makeWorld(config: BotConfig) {
  const { store, chat, audit, renderer, ...bot } = memoryBot(config)
  const moments: Moment[] = []
  const notices: unknown[] = []
  let dies: number | null = null
  let isDead = false
  let step: ProposeStep['kind'] | null = null

  /** After its death, the process has no further effects. */
  const moment = (at: string): void => {
    if (step === null) return
    if (isDead) throw new Killed()
    moments.push({ kind: step, at })
    isDead = dies === moments.length - 1
    if (isDead) throw new Killed()
  }
  const mortal = <Port extends object>(name: string, port: Port): Port =>
    new Proxy(port, {
      get(target, member) {
        const method: unknown = Reflect.get(target, member)
        if (typeof method !== 'function') return method
        return async (...given: unknown[]) => {
          moment(`before ${name}.${String(member)}`)
          const answer: unknown = await method.apply(target, given)
          moment(`after ${name}.${String(member)}`)
          return answer
        }
      },
    })

  const script = {
    finding: (_: Denial): Analysis => sampleAnalysis(),
    witness: (): Witness => ({ kind: 'waiting' }),
  }
  const outside = {
    analyze: async (denial: Denial) => ({ ...script.finding(denial), denial }),
    witness: async () => script.witness(),
    publish: async (notice: unknown) => void notices.push(notice),
  }
  const living: ProposeDeps = {
    ...bot,
    ...{ store, chat, audit, ...outside, notifier: outside },
    renderer: { ...renderer, list: () => ({ text: 'list', blocks: [] }) },
  }
  const { analyze, witness, publish } = mortal('outside', outside)
  const ports = { store: mortal('store', store), chat: mortal('chat', chat), audit: mortal('audit', audit) }
  const deps: ProposeDeps = { ...living, ...ports, analyze, witness, notifier: { publish } }
  const propose = makePropose(deps, async next => {
    step = next.kind
    const news = await carryOut(next, deps)
    moment('learned')
    step = null
    return news
  })
  const sweep = makeSweep({
    ...bot,
    ...living,
    audit,
    renderer: { ...living.renderer, code: renderer.code },
    postCard: proposal => postCard(proposal, living),
  })
  return {
    ...{ store, chat, audit, notices, moments, script, sweep, setNow: bot.setNow, now: bot.clock },
    lookFirst: makeFirstLook(living),
    /** The process dies at this call of a port. Returns how many calls there were. */
    async lookFirstUntil(fingerprint: string, at: number | null): Promise<number> {
      moments.length = 0
      dies = at
      isDead = false
      step = 'post-card'
      await makeFirstLook(deps)(fingerprint)
      step = null
      return moments.length
    },
    /** Delivers the message. The process dies at this moment. */
    async deliver(fingerprint: string, at: number | null = null): Promise<void> {
      moments.length = 0
      dies = at
      isDead = false
      try {
        await propose(fingerprint)
      } catch (error) {
        if (!(error instanceof Killed)) throw error
      }
      step = null
      expect(isDead).toBe(at !== null)
    },
  }
}

type Scenario = {
  readonly config?: BotConfig
  /** Returns the fingerprint of the message. */
  readonly prepare: (world: World) => Promise<string>
  /** Later events. */
  readonly next?: (world: World) => Promise<void>
}

const denied = (world: World, denial: Partial<Denial> = {}, fingerprint = FP) => {
  const timeMs = world.now() - MINUTE
  const id = `event-${fingerprint}-${timeMs}`
  return world.store.recordOccurrence({ ...DENIAL, id, timeMs, ...denial }, fingerprint, world.now())
}

async function current({ store }: World, fingerprint: string): Promise<Proposal> {
  const proposal = await store.get((await store.occurrence(fingerprint))?.proposalId ?? '')
  if (proposal === null) throw new Error('it has no proposal')
  return proposal
}

/** A card is open, and ten minutes have passed. */
async function opened(world: World): Promise<Proposal> {
  await denied(world)
  await world.deliver(FP)
  world.setNow(NOON + 10 * MINUTE)
  return current(world, FP)
}

/** Another card of the same role was applied meanwhile. */
async function renewed(world: World): Promise<void> {
  const open = inStatus(await opened(world), 'open')
  const by = { id: 'U0ONCALL1', name: 'ada' }
  const signed = signedBy(decisionAbout(open, { kind: 'approve', by, atMs: NOON }))
  const approval = { by, atMs: NOON, limitHours: null, reason: null, signed }
  await world.store.replace(open, { ...open, approvals: [approval], renewal: { after: 'p-earlier', atMs: NOON } })
}

function otherChange(): Analysis {
  const { changes } = sampleProposal().patch
  const patch = { digest: OTHER_DIGEST, changes }
  return sampleAnalysis({ patch, verified: { patch, verification: VERIFICATION } as VerifiedPatch })
}

async function failedDeploy({ store, now }: World, changed: Partial<DeployState> = {}): Promise<void> {
  const state: DeployState = {
    key: '0123456789abcdef',
    round: 1,
    deploy: {
      ...{ kind: 'codepipeline', accountId: '111122223333', region: 'eu-west-1', target: 'orders', name: 'orders' },
      ...{ attempt: 'e-1', status: 'FAILED', failedAtMs: now(), reasons: [], log: null },
    },
    correlation: {
      ...{ requests: [], roles: [], sessions: [DENIAL.principal.sessionName ?? ''], via: null, ownRoles: [] },
      ...{ fromMs: NOON - 30 * MINUTE, untilMs: NOON + 30 * MINUTE, explained: false },
    },
    attempts: [{ id: 'e-1', atMs: now() }],
    ...{ causes: [], noticedAtMs: null, noticingUntilMs: 0, alert: null, postingUntilMs: 0 },
    ...changed,
  }
  await changeDeploy(state.key, store, () => state)
  await listDeploy(state, store)
}

const FIRST: Scenario = {
  async prepare(world) {
    await denied(world)
    return FP
  },
}
const DEPLOY: Scenario = {
  async prepare(world) {
    await denied(world)
    await failedDeploy(world)
    return FP
  },
}
/** The template of the same deploy also names the role, so the first card contains it. By then it is allowed. */
const JOINED: Scenario = {
  async prepare(world) {
    const open = inStatus(await opened(world), 'open')
    const place = { logicalId: 'Batch', property: 'Role', line: 3, constructPath: null }
    const need = { denial: OTHER_ROLE, isMade: false, operation: 'RunTask', place, summary: 'Batch.Role' }
    const none = { place: null, isMade: false, alone: null, unnamed: 0, refused: [], unread: null }
    const template = { ...none, needs: [need] }
    await world.store.replace(open, { ...open, template, renewal: { after: 'p-earlier', atMs: NOON } })
    await failedDeploy(world, { causes: [{ fingerprint: FP, confidence: 'caused by' }] })
    await denied(world, OTHER_ROLE, OTHER_FP)
    world.script.finding = alreadyAllowed
    return OTHER_FP
  },
}
const SAME_AGAIN: Scenario = {
  async prepare(world) {
    await renewed(world)
    return FP
  },
}
const CHANGED: Scenario = {
  async prepare(world) {
    await renewed(world)
    world.script.finding = otherChange
    return FP
  },
}
const ALLOWED: Scenario = {
  async prepare(world) {
    await renewed(world)
    world.script.finding = alreadyAllowed
    return FP
  },
}
const TEMPLATE: Scenario = {
  async prepare(world) {
    await opened(world)
    await failedDeploy(world, { template: { kind: 'read', needs: [], unnamed: 2, reported: [] } })
    return FP
  },
}
const heard = (other: Analysis): Scenario => ({
  async prepare(world) {
    world.script.finding = ({ source }) => {
      if (source !== 'message') return other
      const analysis = sampleAnalysis()
      return { ...analysis, diagnosis: asHearsay(analysis.diagnosis) }
    }
    await world.store.recordOccurrence({ ...DENIAL, id: 'told', source: 'message' }, FP, NOON)
    await world.deliver(FP)
    world.script.witness = () => ({ kind: 'confirmed', denial: DENIAL })
    return FP
  },
})
const REPEATED: Scenario = {
  async prepare(world) {
    await opened(world)
    await denied(world)
    return FP
  },
}
const NOT_OURS: Scenario = {
  async prepare(world) {
    world.script.finding = notOurs
    return REPEATED.prepare(world)
  },
}
/** If a process dies before the first message of a channel, the next denial there posts it. */
const OBSERVED: Scenario = {
  config: OBSERVE,
  prepare: FIRST.prepare,
  async next(world) {
    await denied(world, OTHER_ROLE, OTHER_FP)
    await world.deliver(OTHER_FP)
  },
}
const OBSERVED_AGAIN: Scenario = { config: OBSERVE, prepare: REPEATED.prepare }
/** The first worker died before the proposal became current, and its lease of the card has expired. */
const LEFT: Scenario = {
  async prepare(world) {
    const { moments } = await run(FIRST, null)
    await denied(world)
    await world.deliver(
      FP,
      moments.findIndex(({ kind }) => kind === 'claim'),
    )
    world.setNow(NOON + 10 * MINUTE)
    return FP
  },
}

const TWO_LOOKS = { ...CONFIG, settleSeconds: 60 }
/** It was shown at once, and has solved itself when it is looked at again. */
const SOLVED: Scenario = {
  config: TWO_LOOKS,
  async prepare(world) {
    await denied(world)
    await world.lookFirst(FP)
    world.script.finding = alreadyAllowed
    world.setNow(NOON + MINUTE)
    return FP
  },
}
/** The message comes early. */
const EARLY: Scenario = { ...FIRST, config: TWO_LOOKS }

/** The card of a record that CloudTrail has corrected since. */
const CORRECTED: Scenario = {
  async prepare(world) {
    await denied(world, { id: 'first' })
    await world.deliver(FP)
    await denied(world, { ...OTHER_ROLE, corrects: 'first' }, OTHER_FP)
    return OTHER_FP
  },
}

/** The scenario of each step. A step without a row does not compile. */
const ROWS: { readonly [Kind in ProposeStep['kind']]: Scenario } = {
  'read-occurrence': FIRST,
  correlate: DEPLOY,
  'find-card': JOINED,
  'join-card': JOINED,
  'end-first-look': SOLVED,
  'begin-round': FIRST,
  'read-current': REPEATED,
  'read-card-deploys': REPEATED,
  'review-card': CHANGED,
  'keep-card': SAME_AGAIN,
  'add-template': TEMPLATE,
  'end-card': ALLOWED,
  'replace-content': CHANGED,
  'note-on-other': CORRECTED,
  'find-record': heard(sampleAnalysis()),
  'replace-by-record': heard(otherChange()),
  'confirm-by-record': heard(sampleAnalysis()),
  'reread-occurrence': JOINED,
  'count-repeats': REPEATED,
  'count-repeats-observed': OBSERVED_AGAIN,
  'read-stored': FIRST,
  'read-reanalyses': NOT_OURS,
  analyze: FIRST,
  'look-later': EARLY,
  'count-reanalysis': NOT_OURS,
  create: FIRST,
  introduce: OBSERVED,
  'count-first-observed': OBSERVED,
  record: FIRST,
  'publish-notice': FIRST,
  claim: FIRST,
  'lease-card': LEFT,
  'post-card': FIRST,
  'correlate-again': DEPLOY,
  announce: DEPLOY,
}
const KINDS = Object.keys(ROWS) as (keyof typeof ROWS)[]

/** The end state, apart from what is sent or counted at least once. */
async function endOf(world: World) {
  const proposals: unknown[] = []
  for (const fingerprint of [FP, OTHER_FP]) {
    const id = (await world.store.occurrence(fingerprint))?.proposalId ?? null
    for (let at = id; at !== null; ) {
      const proposal = await world.store.get(at)
      if (proposal === null) break
      const { status, repeats, diagnosis, denial, deploy, patch, previous } = proposal
      const changed = 'changed' in proposal ? proposal.changed?.because : null
      const { id: own, correction } = proposal
      const fields = {
        ...{ id: own, status, count: repeats.count, verdict: diagnosis.verdict, from: denial.source, correction },
      }
      proposals.push({ ...fields, deploy: deploy?.title, digest: patch?.digest, changed, of: proposal.template?.of })
      at = previous?.id ?? null
    }
  }
  return {
    proposals,
    posts: world.chat.posts.map(({ key }) => key).sort(),
    cards: [...world.chat.cards.values()].map(text => text.split('\n')[0]).sort(),
    log: world.audit.entries.map(({ key }) => key).sort(),
    isToldOf: world.notices.length > 0,
  }
}

async function run({ config = CONFIG, prepare, next }: Scenario, dies: number | null) {
  const world = makeWorld(config)
  await world.store.putMarker(firstRun('C0DEPLOYS'), 0, { fromMs: 0, posted: config !== OBSERVE })
  const fingerprint = await prepare(world)
  await world.deliver(fingerprint, dies)
  const moments = [...world.moments]
  // Queues deliver messages more than once anyway.
  world.setNow(world.now() + MINUTE)
  await world.deliver(fingerprint)
  world.setNow(world.now() + 3 * MINUTE)
  await world.sweep()
  await next?.(world)
  return { moments, end: await endOf(world) }
}

describe('a process that dies', () => {
  it.each(KINDS)('during %s leaves what the next delivery finishes', async kind => {
    const scenario = ROWS[kind]
    const { moments, end } = await run(scenario, null)
    const during = moments.flatMap((moment, at) => (moment.kind === kind ? [at] : []))
    expect(during, 'the scenario takes this step').not.toEqual([])
    for (const at of during) expect((await run(scenario, at)).end, moments[at]?.at).toEqual(end)
  })
})

describe('a first look that dies', () => {
  it.each([
    ['a change', () => sampleAnalysis(), 'open'],
    ['nothing, as it has solved itself', alreadyAllowed, 'Allowed by now'],
  ])('at any call leaves no button before the second look, which finds %s', async (_, after, shown) => {
    const shownAfter = async (at: number | null) => {
      const world = makeWorld(TWO_LOOKS)
      await world.store.putMarker(firstRun('C0DEPLOYS'), 0, { fromMs: 0, posted: true })
      await denied(world)
      const calls = await world.lookFirstUntil(FP, at)
      const early = [...world.chat.cards.values()]
      // The message may be delivered again, before or after the second look.
      if (at !== null && at % 2 === 0) await world.lookFirst(FP)
      world.script.finding = after
      world.setNow(NOON + MINUTE)
      await world.deliver(FP)
      await world.lookFirst(FP)
      return { calls, early, cards: [...world.chat.cards.values()].filter(text => text !== 'evidence') }
    }
    const { calls } = await shownAfter(null)
    expect(calls).toBeGreaterThan(10)
    for (let at = 0; at < calls; at += 1) {
      const { early, cards } = await shownAfter(at)
      expect(early.filter(text => !text.startsWith('Settling'))).toEqual([])
      if (cards.length > 0 || shown === 'open') expect(cards).toEqual([expect.stringContaining(shown)])
    }
  })
})
