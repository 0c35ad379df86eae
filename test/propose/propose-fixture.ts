/** `propose` with a store in memory and Slack over HTTP. The test controls the clock and the analysis. */

import { known } from '../../core/base/fact.ts'
import type { Denial } from '../../core/denial/denial.ts'
import type { VerifiedPatch } from '../../core/patch/verification/verification.ts'
import { cardRenderer } from '../../functions/adapters/composition/renderer.ts'
import { slackChat } from '../../functions/adapters/slack/chat/chat.ts'
import { slackSideRenderer } from '../../functions/adapters/slack/renderer.ts'
import type { AuditEntry, AuditRecord } from '../../functions/domain/audit/audit-record.ts'
import type { Witness } from '../../functions/domain/authority/witness.ts'
import type { Config } from '../../functions/domain/config/config.ts'
import type { Notice } from '../../functions/domain/messages/notice.ts'
import type { Work } from '../../functions/domain/proposal/work.ts'
import { firstRun } from '../../functions/domain/stored/markers.ts'
import type { AccountUnits } from '../../functions/ports/access-reader.ts'
import type { ProposalStore } from '../../functions/ports/proposal-store.ts'
import { makeFirstLook } from '../../functions/propose/first-look.ts'
import { makePropose, type ProposeDeps } from '../../functions/propose/propose.ts'
import type { Analysis } from '../../functions/workflows/denial/analyze-denial.ts'
import { type FakeSlack, startFakeSlack } from '../../simulator/fake-slack/fake-slack.ts'
import { FAKE_WORKSPACE } from '../../simulator/slack-requests.ts'
import { CONFIG, posting } from '../fakes/memory-bot.ts'
import { memoryStore } from '../fakes/memory-store.ts'
import { DENIAL, NOON, sampleProposal } from '../fakes/sample-proposal.ts'
import { KEYS } from '../fakes/signing.ts'

export type ProposeBench = {
  readonly slack: FakeSlack
  readonly store: ProposalStore
  readonly notices: Notice[]
  readonly counted: readonly string[]
  readonly audit: AuditEntry[]
  readonly deps: ProposeDeps
  readonly analyzed: Denial[]
  propose: ReturnType<typeof makePropose>
  lookFirst: ReturnType<typeof makeFirstLook>
  /** What was queued again. */
  readonly later: readonly { readonly work: Work; readonly delaySeconds: number }[]
  /** A denial with this fingerprint arrives at this time. */
  recordOccurrence(fingerprint: string, atMs: number, denial?: Partial<Denial>): Promise<void>
  setNow(ms: number): void
  now(): number
  finding: Analysis
  /** Replaces `finding` if the result depends on the denial. */
  findingOf: ((denial: Denial) => Analysis) | null
  noticesDown: boolean
  /** CloudTrail's answer about a denial that only a text reports. */
  witness: (denial: Denial) => Witness
}

export function sampleAnalysis(changed: Partial<Analysis> = {}): Analysis {
  const { diagnosis, patch, verification } = sampleProposal()
  const verified = { patch, verification } as VerifiedPatch
  const snapshot = {
    caller: { kind: 'absent' },
    targets: [],
    organization: { known: false, why: 'not read' },
    scps: { known: false, why: 'not read' },
    rcps: { known: false, why: 'not read' },
    session: { known: false, why: 'not read' },
    vpce: { known: false, why: 'not read' },
  } as const
  return {
    denial: DENIAL,
    snapshot,
    diagnosis,
    requester: { kind: 'machine' },
    patch,
    verification,
    verified,
    withdrawn: [],
    followUps: [],
    handOver: null,
    refusal: null,
    ...changed,
  }
}

/** An organization policy denies it, so there is nothing to approve. */
export function notOurs(): Analysis {
  const { diagnosis } = sampleProposal()
  const owner = 'the owner of the service control policy p-guard'
  return sampleAnalysis({
    diagnosis: {
      ...diagnosis,
      verdict: 'not-ours',
      cause: 'scp-gap',
      summary: 'A service control policy denies it.',
      gaps: [],
    },
    patch: null,
    verified: null,
    verification: null,
    refusal: { code: 'scp-gap', message: 'A service control policy denies it.', owner },
  })
}

export function alreadyAllowed(): Analysis {
  const none = notOurs()
  return {
    ...none,
    diagnosis: {
      ...none.diagnosis,
      verdict: 'proved',
      cause: 'already-allowed',
      summary: 'The policies allow it by now.',
    },
    refusal: { code: 'already-allowed', message: 'The policies allow it by now.', owner: null },
  }
}

/** The role was seconds old when it was denied. */
export function solvedItself(): Analysis {
  const none = alreadyAllowed()
  const summary = 'The policies allow it, and the role was 4 s old when it was denied.'
  return {
    ...none,
    diagnosis: { ...none.diagnosis, verdict: 'likely', cause: 'transient', summary },
    refusal: { code: 'transient', message: summary, owner: null },
  }
}

export async function proposeBench(
  /** `isNew`: the channel has no first message yet. */
  options: {
    readonly config?: Config
    readonly isNew?: boolean
    /** Default: IAM has always settled. */
    readonly settleSeconds?: number
  } = {},
): Promise<ProposeBench> {
  let nowMs = NOON
  const clock = () => nowMs
  const slack = await startFakeSlack({ now: clock })
  const store = memoryStore()
  const config = { ...posting(options.config ?? CONFIG), settleSeconds: options.settleSeconds ?? 0 }
  if (options.isNew !== true)
    for (const channel of ['C0DEPLOYS', 'C0OTHER', 'C0DEV'])
      await store.putMarker(firstRun(channel), 0, { fromMs: 0, posted: true })
  const chat = slackChat({
    token: 'xoxb-local',
    workspace: FAKE_WORKSPACE,
    apiUrl: slack.url,
    timeoutMs: 5_000,
    budgetMs: 5_000,
    firstWaitMs: 10,
    tries: 3,
    sleep: async () => {},
  })
  const units: AccountUnits = async () => known([])
  const notices: Notice[] = []
  const later: ProposeBench['later'][number][] = []
  const audit: AuditEntry[] = []
  const analyzed: Denial[] = []

  const recorded = (entry: AuditEntry): AuditRecord => {
    if (!audit.some(each => each.key === entry.key)) audit.push(entry)
    return { schema: 'rolemedic.audit/1', sequence: audit.length, previousHash: null, entry, hash: '' }
  }

  const counted: string[] = []
  const deps: ProposeDeps = {
    store,
    chat,
    units,
    renderer: { ...cardRenderer({ config, chat, units }), ...slackSideRenderer },
    config,
    queue: { send: async (work, { delaySeconds = 0 } = {}) => void later.push({ work, delaySeconds }) },
    clock,
    sleep: async () => {},
    observer: { log: () => {}, count: (metric: string) => void counted.push(metric) },
    botVersion: 'test',
    keys: KEYS,
    audit: { append: async entry => recorded(entry), appendAll: async entries => entries.map(recorded) },
    witness: async denial => bench.witness(denial),
    notifier: {
      async publish(notice) {
        if (bench.noticesDown) throw new Error('SNS is down')
        notices.push(notice)
      },
    },
    analyze: async denial => {
      analyzed.push(denial)
      return { ...(bench.findingOf?.(denial) ?? bench.finding), denial }
    },
  }
  const bench: ProposeBench = {
    slack,
    store,
    notices,
    counted,
    audit,
    deps,
    analyzed,
    propose: makePropose(deps),
    lookFirst: makeFirstLook(deps),
    later,
    async recordOccurrence(fingerprint, atMs, denial = {}) {
      const id = `event-${fingerprint}-${atMs}`
      await store.recordOccurrence({ ...DENIAL, id, timeMs: atMs, ...denial }, fingerprint, atMs)
    },
    setNow: ms => {
      nowMs = ms
    },
    now: clock,
    finding: sampleAnalysis(),
    findingOf: null,
    noticesDown: false,
    witness: () => ({ kind: 'waiting' }),
  }
  return bench
}
