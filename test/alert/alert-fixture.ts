/** `alert`, `intake` and `propose` on one in-memory store: denials and failed deploys in any order. */

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { known, unknown } from '../../core/base/fact.ts'
import type { DecodedEvaluation } from '../../core/denial/index.ts'
import { suggestStatement } from '../../core/published-actions/index.ts'
import { makeAlert } from '../../functions/alert/alert.ts'
import type { JudgeFaults } from '../../functions/alert/judge-faults.ts'
import { alertText, type DeployAlert } from '../../functions/domain/deploy/deploy-alert.ts'
import type { DeployStanding } from '../../functions/domain/deploy/deploy-outlook.ts'
import type { ChatMessage } from '../../functions/domain/messages/chat-message.ts'
import type { Notice } from '../../functions/domain/messages/notice.ts'
import type { Proposal } from '../../functions/domain/proposal/proposal.ts'
import type { Work } from '../../functions/domain/proposal/work.ts'
import { makeIntake } from '../../functions/intake/intake.ts'
import type { DeployReader } from '../../functions/ports/deploy-reader.ts'
import { makePropose } from '../../functions/propose/propose.ts'
import type { AnalyzeAgain } from '../../functions/workflows/deploy/analyze-bundle.ts'
import { announceDeploy } from '../../functions/workflows/deploy/correlate-deploy.ts'
import type { JudgedFaults } from '../../functions/workflows/deploy/judge-trust-faults.ts'
import { deployFileReader } from '../../simulator/deploy-event-files.ts'
import { CONFIG } from '../fakes/memory-bot.ts'
import { memoryChat } from '../fakes/memory-chat.ts'
import { memoryStore } from '../fakes/memory-store.ts'
import { movedTo } from '../fakes/sample-proposal.ts'
import { KEYS } from '../fakes/signing.ts'
import { sampleAnalysis } from '../propose/propose-fixture.ts'

const root = new URL('../../events/', import.meta.url)
export type Json = { readonly [member: string]: unknown }
export const event = (name: string): Json => JSON.parse(readFileSync(new URL(`${name}.json`, root), 'utf8')) as Json

export const FILES = deployFileReader(fileURLToPath(new URL('deploys', root)), 0)
export const UNREADABLE: DeployReader = {
  template: async () => unknown('not in this test'),
  stack: async () => unknown('refused'),
  failedActions: async () => unknown('refused'),
  buildRoles: async () => unknown('refused'),
  failedParts: async () => unknown('refused'),
  logTail: async () => unknown('refused'),
}

/** A minute after the sample stack failed. */
export const NOW = Date.UTC(2026, 10, 24, 2, 48, 30)
export const MINUTE = 60_000

export const NO_FAULTS: JudgedFaults = {
  faults: [],
  change: { verified: null, followUps: [], refused: new Map(), lifted: [], allowed: [] },
}

export type AlertBench = ReturnType<typeof alertBench>

/** `fault` is called before and after each call of a port, and throws to kill the process. */
export function alertBench(
  reader: DeployReader = FILES,
  fault: () => void = () => {},
  analyze: AnalyzeAgain = async denial => sampleAnalysis({ denial }),
  judge: JudgeFaults = async () => NO_FAULTS,
) {
  const store = memoryStore()
  const chat = memoryChat()
  const notices: Notice[] = []
  const metrics: string[] = []
  const works: Work[] = []
  const recorded: unknown[] = []
  const decoded = new Map<string, DecodedEvaluation>()
  const clock = { nowMs: NOW }
  const faults = { notices: false, statements: false }
  const text = (words: string): ChatMessage => ({ text: words, blocks: [] })
  const deps = {
    store,
    chat,
    reader,
    config: CONFIG,
    clock: () => clock.nowMs,
    sleep: async () => {},
    ownRoleArns: ['arn:aws:iam::111122223333:role/rolemedic-apply'],
    readerRole: null,
    botVersion: 'test',
    observer: { log: () => {}, count: (metric: string) => void metrics.push(metric) },
    queue: { send: async (work: Work) => void works.push(work) },
    units: async () => known([]),
    renderer: {
      card: async (proposal: Proposal, _: number, deploys: readonly DeployStanding[] = []) =>
        text(
          [
            `card ${proposal.status}, broke ${proposal.deploy?.title ?? 'nothing'}`,
            ...deploys.map(({ name, outlook, roles }) =>
              [name, outlook, ...roles.map(role => role.split('/').at(-1))].join(' '),
            ),
          ].join('\n'),
        ),
      alert: (alert: DeployAlert) => text(alertText(alert)),
      text,
      notice: () => text('notice'),
      list: () => text('list'),
      evidence: async () => text('evidence'),
    },
    audit: { append: async () => Promise.reject(new Error('not reached')) },
    notifier: {
      async publish(notice: Notice) {
        if (faults.notices) throw new Error('SNS is down')
        notices.push(notice)
      },
    },
    analyze,
    witness: async () => ({ kind: 'waiting' as const }),
    keys: KEYS,
    judge,
    suggest: async (...given: Parameters<typeof suggestStatement>) => {
      if (faults.statements) throw new Error('no such file')
      return suggestStatement(...given)
    },
    explanations: {
      async decode(_: string, message: string) {
        const evaluation = decoded.get(message)
        if (evaluation === undefined) throw new Error('STS is down')
        return known(evaluation)
      },
    },
    history: async () => ({ search: async () => known({ records: recorded, complete: true }) }),
  }
  const audit = { append: async () => ({}) as never, appendAll: async () => [] }
  const ports = { store: watched(store, fault), chat: watched(chat, fault), notifier: watched(deps.notifier, fault) }
  const queue = watched(deps.queue, fault)
  const alert = makeAlert({ ...deps, ...ports, queue })
  const intake = makeIntake({ ...deps, ...ports, queue })
  const propose = makePropose({ ...deps, ...ports, audit })
  /** Handles all queued work of these kinds. */
  async function work(kinds: readonly Work['kind'][]): Promise<void> {
    const next = () => works.find(({ kind }) => kinds.includes(kind))
    for (let one = next(); one !== undefined; one = next()) {
      if (one.kind === 'propose') await propose(one.fingerprint)
      if (one.kind === 'announce') await announceDeploy(one.deploy, { ...deps, ...ports })
      works.splice(works.indexOf(one), 1)
    }
  }

  return {
    store,
    chat,
    clock,
    faults,
    metrics,
    works,
    /** What CloudTrail's event history answers. */
    recorded,
    /** What STS decodes, by message. */
    decoded,
    /** Handles a failure event, and announces at once what it queues for `propose`. */
    async alert(name: string, changes: Json = {}) {
      const outcome = await alert({ ...event(name), ...changes })
      await work(['announce'])
      return outcome
    },
    record: (name: string, changes: Json = {}) => intake(JSON.stringify({ ...event(name), ...changes })),
    /** Lets the settle time pass, and handles all queued work. */
    async settle() {
      clock.nowMs += MINUTE
      await work(['propose', 'announce'])
    },
    proposals: () => store.open(50),
    deployNotices: () => notices.filter(({ detail }) => (detail as Json)['kind'] === 'deploy-failed'),
    /** The current text of every card. */
    cards: () =>
      chat.posts
        .filter(({ key }) => /^p-[^/]*$/.test(key))
        .map(({ key }) => chat.cards.get([...chat.cards.keys()][chat.posts.findIndex(post => post.key === key)] ?? '')),
    /** The current text of every alert. */
    alerts: () =>
      chat.posts
        .filter(({ key }) => key.startsWith('deploy/'))
        .map(({ key }) => chat.cards.get([...chat.cards.keys()][chat.posts.findIndex(post => post.key === key)] ?? '')),
    /** The state that `verify` leaves after the change was written. */
    async fix(proposal: Proposal, answer: 'allowed' | 'unknown' = 'allowed'): Promise<Proposal> {
      const outcome = { changes: [], atMs: clock.nowMs, endsAtMs: null, answer }
      const { template } = proposal
      const moved = movedTo(proposal, { status: 'applied', applied: outcome, updatedAtMs: clock.nowMs })
      const next = template === undefined ? moved : { ...moved, template }
      const written = await store.replace(proposal, next)
      if (!written.ok) throw new Error('the proposal was written by somebody else')
      return written.value
    },
    deps: { ...deps, audit },
  }
}

function watched<Port extends object>(port: Port, fault: () => void): Port {
  return new Proxy(port, {
    get(target, member, receiver) {
      const value: unknown = Reflect.get(target, member, receiver)
      if (typeof value !== 'function') return value
      return async (...args: unknown[]) => {
        fault()
        const result: unknown = await value.apply(target, args)
        fault()
        return result
      }
    },
  })
}
