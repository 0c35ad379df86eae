import type { Metric } from 'aws-cdk-lib/aws-cloudwatch'
import { afterEach, describe, expect, it } from 'vitest'
import { known, unknown } from '../../core/base/fact.ts'
import { configSchema, MODES } from '../../functions/domain/config/config.ts'
import { firstRun, observedDay } from '../../functions/domain/stored/markers.ts'
import { makePropose } from '../../functions/propose/propose.ts'
import { showWaitingLists } from '../../functions/workflows/card/storm-list-message.ts'
import { customMetricAlarms } from '../../infra/constructs/observability/custom-metrics.ts'
import { buttonsOf } from '../../simulator/slack-requests.ts'
import { posting } from '../fakes/memory-bot.ts'
import { HOUR, MINUTE, NOON } from '../fakes/sample-proposal.ts'
import {
  alreadyAllowed,
  notOurs,
  type ProposeBench,
  proposeBench,
  sampleAnalysis,
  solvedItself,
} from './propose-fixture.ts'

const APPROVERS = { approvers: { users: ['U0ONCALL1', 'U0ONCALL2'] } }
const MEMBER = '111122223333'
const OU = 'ou-ab12-11111111'
/** 2026-11-24. */
const DAY = 20_781

let bench: ProposeBench
afterEach(() => bench.slack.close())

async function start(config: object, isNew = false): Promise<void> {
  bench = await proposeBench({ config: configSchema.parse({ mode: 'approve', ...APPROVERS, ...config }), isNew })
}
async function denied(fingerprint: string, atMs = bench.now(), propose = bench.propose) {
  bench.setNow(Math.max(atMs, bench.now()))
  await bench.recordOccurrence(fingerprint, atMs, { resource: `arn:aws:iam::${MEMBER}:role/app-${fingerprint}` })
  return propose(fingerprint)
}
const proposalOf = async (fingerprint: string) => {
  const id = (await bench.store.occurrence(fingerprint))?.proposalId ?? ''
  return bench.store.get(id)
}
const actions = () =>
  bench.slack
    .messages()
    .flatMap(message =>
      ['approve', 'approve-limited', 'reject', 'break-glass', 'details'].filter(
        action => buttonsOf(message, action).length > 0,
      ),
    )

describe('a denial in an account whose mode is observe', () => {
  it('is analyzed, recorded and counted, and posts nothing', async () => {
    await start({ accounts: { [MEMBER]: { mode: 'observe' } } })
    expect(await denied('f-1')).toMatchObject({ kind: 'recorded' })
    expect(bench.slack.messages()).toEqual([])
    expect(bench.notices).toEqual([])
    expect(await proposalOf('f-1')).toMatchObject({
      status: 'closed',
      card: null,
      patch: null,
      refusal: { code: 'observed' },
      dueAtMs: null,
    })
    expect(bench.audit.map(({ kind, why }) => [kind, why])).toEqual([
      ['denial-seen', 'No identity policy of deployer allows iam:PassRole on app-task.'],
      [
        'refused',
        `Observed, no card: the mode is observe (accounts.${MEMBER}.mode). A card would have offered a change of low risk.`,
      ],
    ])
    expect((await bench.store.getMarker(observedDay('C0DEPLOYS', DAY)))?.value).toEqual({
      denials: 1,
      distinct: 1,
      changes: 1,
      informations: 0,
      causes: { 'identity-gap': 1 },
      principals: { [`arn:aws:iam::${MEMBER}:role/deployer`]: 1 },
      roles: { [`arn:aws:iam::${MEMBER}:role/app-f-1`]: 1 },
      settings: { [`accounts.${MEMBER}.mode`]: 1 },
      cards: ['deployer was denied iam:PassRole on app-f-1 (low risk)'],
      unread: null,
    })
  })

  it('counts each denial once, however often its work is delivered', async () => {
    await start({ mode: 'observe' })
    await denied('f-1')
    await bench.propose('f-1')
    await denied('f-1', NOON + MINUTE)
    await denied('f-1', NOON + 2 * MINUTE)
    await bench.propose('f-1')
    expect((await bench.store.getMarker(observedDay('C0DEPLOYS', DAY)))?.value).toMatchObject({
      denials: 3,
      distinct: 1,
      changes: 1,
    })
    expect(bench.analyzed).toHaveLength(1)
  })

  it('is analyzed again as often as a card would be posted', async () => {
    await start({ mode: 'observe' })
    await denied('f-1')
    await denied('f-1', NOON + 9 * HOUR)
    expect(bench.analyzed).toHaveLength(2)
    expect((await bench.store.getMarker(observedDay('C0DEPLOYS', DAY)))?.value).toMatchObject({
      denials: 2,
      distinct: 2,
    })
  })

  it('that nobody could lift counts as one that would name whom to ask', async () => {
    await start({ mode: 'observe' })
    bench.finding = notOurs()
    await denied('f-1')
    expect((await bench.store.getMarker(observedDay('C0DEPLOYS', DAY)))?.value).toMatchObject({
      changes: 0,
      informations: 1,
      cards: [],
    })
  })

  it('has its card with the next denial once the mode is higher', async () => {
    await start({ mode: 'observe' })
    await denied('f-1')
    const config = posting(configSchema.parse({ ...APPROVERS, mode: 'approve' }))
    const raised = makePropose({ ...bench.deps, config })
    expect(await denied('f-1', NOON + MINUTE, raised)).toMatchObject({ kind: 'posted' })
    expect(await proposalOf('f-1')).toMatchObject({ status: 'open' })
  })

  it('posts the first message of the channel, and nothing else', async () => {
    await start({ mode: 'observe' }, true)
    await denied('f-1')
    await denied('f-2')
    expect(bench.slack.messages().map(({ text }) => text)).toEqual([
      expect.stringMatching(
        /^rolemedic is on in this channel\..*the mode is observe \(mode in rolemedic\.config\.json\)/,
      ),
    ])
  })
})

describe('a denial in an account whose mode is recommend', () => {
  it('has a card without a button that decides, and the change as code in its thread', async () => {
    await start({ accounts: { [MEMBER]: { mode: 'recommend', alias: 'orders-dev' } } })
    await denied('f-1')
    const [card, code] = bench.slack.messages()
    expect(actions()).toEqual(['details'])
    expect(card?.text).toMatch(
      /Recommendation: the mode is recommend \(accounts\.111122223333\.mode in rolemedic\.config\.json\), so nobody can approve it here\. Who makes it: the owner of orders-dev \(111122223333\), who administers deployer\. .*To have Approve on such cards: "accounts": \{ "111122223333": \{ "mode": "approve" \} \} in rolemedic\.config\.json\./,
    )
    expect(code?.threadTs).toBe(card?.ts)
    expect(JSON.stringify(code?.blocks)).toMatch(/Terraform.*CloudFormation.*CDK.*AWS CLI/)
    expect(bench.notices[0]?.text).toContain('Nobody can approve it there, as the mode is recommend')
    expect(await proposalOf('f-1')).toMatchObject({ status: 'open' })
  })

  it('names the stack that manages the role, and gives its language alone', async () => {
    await start({ mode: 'recommend' })
    const { verification } = bench.finding
    if (verification === null) throw new Error('no verification')
    const detail = 'deployer is managed by Terraform: make the same change there.'
    bench.finding = {
      ...bench.finding,
      verification: { ...verification, guardrails: [{ id: 'managed-by-code', outcome: 'warn', detail }] },
    }
    await denied('f-1')
    const [card, code] = bench.slack.messages()
    expect(card?.text).toContain('Who makes it: deployer is managed by Terraform: make the same change there.')
    expect(JSON.stringify(code?.blocks)).not.toMatch(/CloudFormation/)
  })
})

describe('a denial where the unit decides', () => {
  const BY_UNIT = { mode: 'observe', organizationalUnits: { [OU]: { mode: 'approve' } } }

  it('has a card with Approve in a unit with approve', async () => {
    await start(BY_UNIT)
    const units = async () => known(['r-ab12', OU])
    expect(await denied('f-1', NOON, makePropose({ ...bench.deps, units }))).toMatchObject({ kind: 'posted' })
  })

  it('is observed where the unit cannot be seen, and the day says why', async () => {
    await start(BY_UNIT)
    const units = async () => unknown('organizations:ListParents was refused')
    expect(await denied('f-1', NOON, makePropose({ ...bench.deps, units }))).toMatchObject({ kind: 'recorded' })
    expect((await bench.store.getMarker(observedDay('C0DEPLOYS', DAY)))?.value.unread).toBe(
      'organizations:ListParents was refused',
    )
  })

  it('is tried again when Organizations fails for a moment', async () => {
    await start(BY_UNIT)
    const units = async () => Promise.reject(new Error('throttled'))
    await expect(denied('f-1', NOON, makePropose({ ...bench.deps, units }))).rejects.toThrow('throttled')
    expect(await proposalOf('f-1')).toBe(null)
  })
})

describe('the first run of a channel', () => {
  const channel = () => bench.slack.messages().filter(({ threadTs }) => threadTs === null)

  it('begins with one message, then three cards, and one list for the rest of a backlog', async () => {
    await start({}, true)
    for (let n = 1; n <= 9; n += 1) await denied(`f-${n}`)
    bench.setNow(NOON + MINUTE)
    await showWaitingLists(['C0DEPLOYS'], bench.deps, () => false)
    expect(channel().map(({ text }) => text)).toEqual([
      expect.stringMatching(/^rolemedic is on in this channel\./),
      expect.stringContaining('app-f-1'),
      expect.stringContaining('app-f-2'),
      expect.stringContaining('app-f-3'),
      expect.stringContaining('6 denials in this thread'),
    ])
  })

  it('is posted once, also when many workers begin at once, and when one died while it posted it', async () => {
    await start({}, true)
    const first = () => bench.slack.messages().filter(({ text }) => text.startsWith('rolemedic is on')).length
    await Promise.all([1, 2, 3].map(n => denied(`f-${n}`)))
    expect(first()).toBe(1)
    await denied('f-4', NOON + 5 * MINUTE)
    expect(first()).toBe(1)

    await bench.slack.close()
    await start({}, true)
    const { putMarker } = bench.store
    let writes = 0
    const dying = makePropose({
      ...bench.deps,
      store: {
        ...bench.store,
        putMarker: async (marker, version, value) => {
          if (marker.key.startsWith('first-run/') && ++writes === 2) throw new Error('killed')
          return putMarker(marker, version, value)
        },
      },
    })
    await denied('f-1', NOON, dying)
    await Promise.all([2, 3, 4].map(n => denied(`f-${n}`, NOON + MINUTE)))
    expect(first()).toBe(1)
  })

  it('is posted once where its hour is long over, and was never posted', async () => {
    await start({}, true)
    await bench.store.putMarker(firstRun('C0DEPLOYS'), 0, { fromMs: 0, posted: false })
    await Promise.all([1, 2, 3].map(n => denied(`f-${n}`)))
    expect(channel().filter(({ text }) => text.startsWith('rolemedic is on'))).toHaveLength(1)
  })

  it('is over after an hour: then as many cards are posted alone as are configured', async () => {
    await start({}, true)
    await denied('f-0')
    for (let n = 1; n <= 6; n += 1) await denied(`f-${n}`, NOON + HOUR)
    expect(channel()).toHaveLength(1 + 1 + 6)
  })
})

describe('what is counted', () => {
  /** Outcomes of an analysis, with what each mode counts for one denial besides `Proposals`. */
  const OUTCOMES = {
    'a change that could be approved': {
      finding: () => sampleAnalysis(),
      counts: { observe: ['Observed'], recommend: [], approve: [] },
    },
    'a change that a guardrail refuses': {
      finding: () =>
        sampleAnalysis({ verified: null, refusal: { code: 'protected', message: 'It is protected.', owner: null } }),
      counts: { observe: ['Observed'], recommend: ['Refusals'], approve: ['Refusals'] },
    },
    'a cause that somebody else owns': {
      finding: notOurs,
      counts: { observe: ['Observed'], recommend: ['Refusals'], approve: ['Refusals'] },
    },
    'a denial from before a grant took effect': {
      finding: alreadyAllowed,
      counts: { observe: ['AlreadyAllowed'], recommend: ['AlreadyAllowed'], approve: ['AlreadyAllowed'] },
    },
    'a denial of a role that was seconds old': {
      finding: solvedItself,
      counts: { observe: ['SolvedThemselves'], recommend: ['SolvedThemselves'], approve: ['SolvedThemselves'] },
    },
  } as const
  const CASES = MODES.flatMap(mode => Object.keys(OUTCOMES).map(what => [mode, what as keyof typeof OUTCOMES] as const))
  /** The metrics of `propose` that count the results of denials, and have an alarm. */
  const ALARMED = ['Refusals']

  async function countsOf(mode: string, finding: () => ReturnType<typeof notOurs>, denials: number) {
    await start({ mode })
    bench.finding = finding()
    const counts: string[] = []
    const propose = makePropose({ ...bench.deps, observer: { log: () => {}, count: metric => counts.push(metric) } })
    for (let n = 0; n < denials; n += 1) await denied(`f-${n}`, bench.now(), propose)
    return counts
  }

  it.each(CASES)('in mode %s for %s is its own metric', async (mode, what) => {
    const { finding, counts } = OUTCOMES[what]
    expect(await countsOf(mode, finding, 1)).toEqual(['Proposals', ...counts[mode]])
  })

  it('in mode observe is heard by no alarm, for any outcome', async () => {
    for (const { finding } of Object.values(OUTCOMES)) {
      const counts = await countsOf('observe', finding, 22)
      expect(counts.filter(metric => ALARMED.includes(metric))).toEqual([])
      await bench.slack.close()
    }
  })

  it('is what the alarms of the deployment hear', () => {
    const heard = customMetricAlarms().flatMap(({ metric }) => (metric as Metric).metricName)
    const all = new Set(Object.values(OUTCOMES).flatMap(({ counts }) => Object.values(counts).flat()))
    expect([...all].filter(metric => heard.includes(metric))).toEqual(ALARMED)
  })
})
