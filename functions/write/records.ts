/** What `write` alone keeps: signed objects that are created once. Of what others put there, nothing is believed. */
import { canonicalJson, digestOf } from '../../core/base/canonical-json.ts'
import { RolemedicError } from '../../core/base/fault.ts'
import type { Mark, Spent, WriteOutcome } from '../domain/authority/spent.ts'
import { ledgerKey, MARK, OUTCOME, OUTCOME_MARK, outcomeKey, SPENT } from '../domain/authority/spent.ts'
import { type StatementKind, signedShape, statementBytes, verified } from '../domain/authority/statement.ts'
import type { WriteDeps } from './deps.ts'
import { untrustedJson } from './json.ts'

/** Who may put objects may put many versions of one. */
const MAX_VERSIONS_READ = 20
const MAX_TRIES = 20

/** `whole`: exactly one version, no delete marker, and signed here: only then anything goes forward. */
export type StoredObject<T> = { readonly exists: boolean; readonly whole: boolean; readonly statement: T | null }
export type Records = ReturnType<typeof ledgerRecords>

type MarkFolder = 'written' | 'ended'
type Deps = Pick<WriteDeps, 'ledger' | 'signer' | 'keys' | 'observer' | 'own' | 'clock'>

/** With it, what `spent/` began is over. */
const closes = ({ result }: Pick<WriteOutcome, 'result'>): boolean => ['written', 'undone', 'left'].includes(result)

export function ledgerRecords({ ledger, signer, keys, observer, own: { deploymentId }, clock }: Deps) {
  /** The last outcome that this process signed, which it does not read again. */
  let newest: WriteOutcome | null = null

  /** False: another object has the key. A PUT whose answer was lost is our own. */
  async function create<T>(kind: StatementKind<T>, key: string, statement: T): Promise<boolean> {
    const text = canonicalJson({ statement, signature: await signer.sign(statementBytes(kind, statement)) })
    if ((await ledger.create(key, text)) === 'created') return true
    const [first] = await ledger.versions(key)
    return first !== undefined && !first.isDeleteMarker && (await ledger.read(key, first.id)) === text
  }

  function mark(folder: MarkFolder, proposalId: string, what: string, because?: Mark['because']): Promise<boolean> {
    const key = ledgerKey(folder, deploymentId, proposalId, what)
    return create(MARK, key, { schema: MARK.purpose, deploymentId, proposalId, key, atMs: clock(), because })
  }

  /** The last parts of the keys. Also of what others put there: they only stop what goes forward. */
  async function marks(folder: MarkFolder, proposalId: string): Promise<ReadonlySet<string>> {
    const prefix = ledgerKey(folder, deploymentId, proposalId, '')
    const found = new Set<string>()
    for await (const key of ledger.keys(prefix)) found.add(key.slice(prefix.length))
    return found
  }

  /** The first version that is signed here and is of this place. */
  async function stored<T extends { deploymentId: string }>(
    kind: StatementKind<T>,
    key: string,
    isHere: (one: T) => boolean,
  ): Promise<StoredObject<T>> {
    const versions = await ledger.versions(key)
    let statement: T | null = null
    for (const { id, isDeleteMarker } of versions.slice(0, MAX_VERSIONS_READ)) {
      if (isDeleteMarker || statement !== null) continue
      const shaped = signedShape(kind).safeParse(untrustedJson(await ledger.read(key, id)))
      const read = shaped.success ? verified(kind, shaped.data, await keys.ring()) : null
      if (read?.ok && read.value.deploymentId === deploymentId && isHere(read.value)) statement = read.value
    }
    const whole = versions.length === 1 && statement !== null
    if (versions.length > 0 && !whole) {
      observer.log('error', 'object_foreign', { key })
      observer.count('Forged')
    }
    return { exists: versions.length > 0, whole, statement }
  }

  /** What the storage does not give is no forgery, and keeps no grant from being taken away. */
  function passedOver(error: unknown): null {
    if (!(error instanceof RolemedicError) || error.code !== 'ledger-unreadable') throw error
    observer.log('warn', 'object_unread', { why: error.message })
    return null
  }

  /** By a signature of here: what others put there does not keep a grant from being taken away. */
  async function markOf(folder: MarkFolder, proposalId: string, what: string): Promise<Mark | undefined> {
    const key = ledgerKey(folder, deploymentId, proposalId, what)
    return (await stored(MARK, key, one => one.key === key).catch(passedOver))?.statement ?? undefined
  }

  async function outcomeAt(number: number): Promise<WriteOutcome | null> {
    if (newest?.number === number) return newest
    return (await stored(OUTCOME, outcomeKey(deploymentId, number), one => one.number === number)).statement
  }

  /** From the last one that is known, without a gap. */
  async function lastNumber(): Promise<number> {
    let last = newest?.number ?? 0
    // Some S3 servers list nothing after a key that does not exist.
    const after = last === 0 ? undefined : outcomeKey(deploymentId, last)
    for await (const key of ledger.keys(`outcomes/${deploymentId}/`, after)) {
      const next = outcomeKey(deploymentId, last + 1)
      if (key > next) break
      if (key === next) last += 1
    }
    return last
  }

  return {
    spent: (proposalId: string): Promise<StoredObject<Spent>> =>
      stored(SPENT, ledgerKey('spent', deploymentId, proposalId), one => one.proposalId === proposalId),
    /** False: another worker was first. */
    spend: (spent: Spent): Promise<boolean> => create(SPENT, ledgerKey('spent', deploymentId, spent.proposalId), spent),

    /** Any object counts, also one that is hidden or foreign: it only stops what goes forward. */
    isThere: async (folder: 'rejected' | 'revoked', name: string) =>
      (await ledger.versions(ledgerKey(folder, deploymentId, name))).length > 0,
    isClosed: async (proposalId: string) => (await marks('ended', proposalId)).size > 0,

    marks,
    mark,
    markOf,
    /** 0: never. */
    async lastMarkedMs(folder: MarkFolder, proposalId: string): Promise<number> {
      let lastMs = 0
      for (const what of await marks(folder, proposalId))
        lastMs = Math.max(lastMs, (await markOf(folder, proposalId, what))?.atMs ?? 0)
      return lastMs
    },

    /** The outcome that closed the proposal, where it was signed before a crash. */
    async closing(proposalId: string, marks: ReadonlySet<string>): Promise<WriteOutcome | null> {
      for (const one of marks) {
        if (!one.startsWith(OUTCOME_MARK)) continue
        const outcome = await outcomeAt(Number(one.slice(OUTCOME_MARK.length)))
        if (outcome?.proposalId === proposalId && closes(outcome)) return outcome
      }
      return null
    },

    /** At the end of the chain. Competing writers each get a number of their own. */
    async append(facts: Omit<WriteOutcome, 'schema' | 'deploymentId' | 'number' | 'previous'>): Promise<WriteOutcome> {
      for (let tries = 0; tries < MAX_TRIES; tries += 1) {
        const number = (await lastNumber()) + 1
        let before: WriteOutcome | null = null
        for (let at = number - 1; at > 0 && before === null; at -= 1) before = await outcomeAt(at)
        const place = { schema: OUTCOME.purpose, deploymentId, number, previous: before && digestOf(before) }
        const outcome = { ...facts, ...place }
        // Before the outcome: a resume finds it, wherever the process dies.
        if (closes(facts)) await mark('written', facts.proposalId, `${OUTCOME_MARK}${number}`)
        if (!(await create(OUTCOME, outcomeKey(deploymentId, number), outcome))) continue
        newest = outcome
        return outcome
      }
      throw new RolemedicError('outcome-contention', 'outcomes are written by many at once')
    },
  }
}
