/** What `write` alone keeps: signed objects that are created once. Of what others put there, nothing is believed. */
import { canonicalJson, digestOf } from '../../core/base/canonical-json.ts'
import { RolemedicError } from '../../core/base/result.ts'
import type { KeyRing } from '../domain/authority/signature.ts'
import {
  endedKey,
  MARK,
  OUTCOME,
  outcomeKey,
  rejectedKey,
  SPENT,
  type Spent,
  spentKey,
  type WriteOutcome,
  writtenKey,
} from '../domain/authority/spent.ts'
import { type StatementKind, signedShape, statementBytes, verified } from '../domain/authority/statement.ts'
import type { WriteDeps } from './deps.ts'

/** Who may put objects may put many versions of one. */
const MAX_VERSIONS_READ = 20
const MAX_TRIES = 20

export type Records = ReturnType<typeof ledgerRecords>

/** `whole`: exactly one version, no delete marker, and signed here: only then anything goes forward. */
export type StoredSpent = { readonly exists: boolean; readonly whole: boolean; readonly statement: Spent | null }

type Deps = Pick<WriteDeps, 'ledger' | 'signer' | 'observer' | 'own' | 'clock'>

/** `signed.last`: the last outcome that this process signed, which it does not read again. */
export function ledgerRecords(
  { ledger, signer, observer, own, clock }: Deps,
  keys: KeyRing,
  signed: { last: WriteOutcome | null },
) {
  const { deploymentId } = own

  async function sign<T>(kind: StatementKind<T>, statement: T): Promise<string> {
    return canonicalJson({ statement, signature: await signer.sign(statementBytes(kind, statement)) })
  }

  /** The first version of the object that is signed here and is what its key says. */
  async function ours<T>(kind: StatementKind<T>, key: string, isIt: (one: T) => boolean, all = ledger.versions(key)) {
    const versions = (await all).filter(({ isDeleteMarker }) => !isDeleteMarker)
    for (const { id } of versions.slice(0, MAX_VERSIONS_READ)) {
      const shaped = signedShape(kind).safeParse(jsonIn(await ledger.read(key, id)))
      const read = shaped.success ? verified(kind, shaped.data, keys) : null
      if (read?.ok === true && isIt(read.value)) return read.value
    }
    if (versions.length > 0) reportForeign(key)
    return null
  }

  function reportForeign(key: string): void {
    observer.log('error', 'object_foreign', { key })
    observer.count('Forged')
  }

  async function anyBelow(prefix: string): Promise<boolean> {
    for await (const _ of ledger.keys(prefix)) return true
    return false
  }

  async function storedSpent(proposalId: string): Promise<StoredSpent> {
    const key = spentKey(deploymentId, proposalId)
    const versions = await ledger.versions(key)
    const isIt = (spent: Spent) => spent.proposalId === proposalId && spent.deploymentId === deploymentId
    const statement = versions.length === 0 ? null : await ours(SPENT, key, isIt, Promise.resolve(versions))
    const whole = versions.length === 1 && statement !== null
    if (versions.length > 0 && !whole) reportForeign(key)
    return { exists: versions.length > 0, whole, statement }
  }

  async function outcomeAt(number: number): Promise<WriteOutcome | null> {
    if (signed.last?.number === number) return signed.last
    const isIt = (one: WriteOutcome) => one.number === number && one.deploymentId === deploymentId
    return ours(OUTCOME, outcomeKey(deploymentId, number), isIt)
  }

  /** From the last one that is known, without a gap. */
  async function lastNumber(): Promise<number> {
    let last = signed.last?.number ?? 0
    // Some S3 servers list nothing after a key that does not exist.
    const after = last === 0 ? undefined : outcomeKey(deploymentId, last)
    for await (const key of ledger.keys(`outcomes/${deploymentId}/`, after)) {
      const next = outcomeKey(deploymentId, last + 1)
      if (key > next) break
      if (key === next) last += 1
    }
    return last
  }

  async function mark(proposalId: string, key: string): Promise<void> {
    await ledger.create(
      key,
      await sign(MARK, { schema: 'rolemedic.mark/1', deploymentId, proposalId, key, atMs: clock() }),
    )
  }

  return {
    storedSpent,
    outcomeAt,

    /** False: another object has the key. A PUT whose answer was lost is our own. */
    async spend(spent: Spent): Promise<boolean> {
      const key = spentKey(deploymentId, spent.proposalId)
      const text = await sign(SPENT, spent)
      return (await ledger.create(key, text)) === 'created' || isText(key, text)
    },

    /** Any object counts, also one that is hidden or foreign: it only stops what goes forward. */
    isRejected: async (proposalId: string) => (await ledger.versions(rejectedKey(deploymentId, proposalId))).length > 0,
    isClosed: (proposalId: string) => anyBelow(`ended/${deploymentId}/${proposalId}/`),

    /** Signed here: what others put there does not keep a grant from being taken away. */
    async isEnded(proposalId: string): Promise<boolean> {
      for await (const key of ledger.keys(`ended/${deploymentId}/${proposalId}/`))
        if ((await ours(MARK, key, one => one.key === key)) !== null) return true
      return false
    },
    end: (proposalId: string, ask: string) => mark(proposalId, endedKey(deploymentId, proposalId, ask)),

    /** The last parts of the keys below `written/`. Also of what others put there: they only stop what goes forward. */
    async marks(proposalId: string): Promise<ReadonlySet<string>> {
      const prefix = writtenKey(deploymentId, proposalId, '')
      const found = new Set<string>()
      for await (const key of ledger.keys(prefix)) found.add(key.slice(prefix.length))
      return found
    },
    mark: (proposalId: string, what: string) => mark(proposalId, writtenKey(deploymentId, proposalId, what)),

    /** The last outcome that a proposal was closed with since its `spent/`, if it was signed before a crash. */
    async outcomeSince(spent: Spent, closes: (outcome: WriteOutcome) => boolean): Promise<WriteOutcome | null> {
      for (let number = await lastNumber(); number > 0; number -= 1) {
        const outcome = await outcomeAt(number)
        if (outcome !== null && outcome.atMs < spent.atMs - MAX_SKEW_MS) return null
        if (outcome?.proposalId === spent.proposalId && closes(outcome)) return outcome
      }
      return null
    },

    /** At the end of the chain. Competing writers each get a number of their own. */
    async append(facts: Omit<WriteOutcome, 'schema' | 'deploymentId' | 'number' | 'previous'>): Promise<WriteOutcome> {
      for (let tries = 0; tries < MAX_TRIES; tries += 1) {
        const last = await lastNumber()
        let before: WriteOutcome | null = null
        for (let at = last; at > 0 && before === null; at -= 1) before = await outcomeAt(at)
        const previous = before === null ? null : digestOf(before)
        const outcome = { ...facts, schema: 'rolemedic.outcome/1', deploymentId, number: last + 1, previous } as const
        const text = await sign(OUTCOME, outcome)
        const key = outcomeKey(deploymentId, outcome.number)
        if ((await ledger.create(key, text)) === 'created' || (await isText(key, text))) {
          signed.last = outcome
          return outcome
        }
      }
      throw new RolemedicError('outcome-contention', 'outcomes are written by many at once')
    },
  }

  async function isText(key: string, text: string): Promise<boolean> {
    const [first] = await ledger.versions(key)
    return first !== undefined && !first.isDeleteMarker && (await ledger.read(key, first.id)) === text
  }
}

const MAX_SKEW_MS = 60_000

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
