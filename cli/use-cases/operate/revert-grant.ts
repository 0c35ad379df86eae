/** Takes a grant away with the operator's own AWS credentials, as Revert does, where neither Slack nor the bot is needed. */

import { RolemedicError, UsageError } from '../../../core/base/index.ts'
import { minus, type Statement, withoutSecrets } from '../../../core/iam/index.ts'
import { type DocumentChange, restorable, revertChange } from '../../../core/patch/index.ts'
import { grantedBy, ledgerKey, type Spent } from '../../../functions/domain/authority/index.ts'
import type { PolicyWriter } from '../../../functions/ports/index.ts'
import { isEnded, readSpent } from '../../../functions/verify/index.ts'
import { targetsOf } from '../../../functions/write/index.ts'
import type { RevertOutput } from '../../outputs/revert.ts'
import { keysIn, keysNextTo, publicKeys } from '../audit/audit-keys.ts'
import { type LedgerReader, ledgerBeside } from '../audit/ledger-source.ts'
import type { NamedText, UseCaseWorld } from '../world.ts'

export type RevertQuestion = {
  readonly id: string
  /** The audit log, beside which `write` keeps what it granted. */
  readonly from: string
  /** Null: those next to a local log, or of the deployment in KMS. */
  readonly keys: NamedText | null
  readonly dryRun: boolean
}

/** Who takes it away, and in which account. */
export type IamOperator = { readonly accountId: string; readonly writer: PolicyWriter }

export type RevertWorld = Pick<UseCaseWorld, 'readFile' | 'nowMs' | 'env'> & {
  readonly operator: () => Promise<IamOperator>
  readonly sleep: (ms: number) => Promise<void>
}

type Change = RevertOutput['changes'][number]
type Outcome = Pick<Change, 'outcome' | 'why'>

/** Between two readings of a document that others may write, as in a deployment. */
const SECOND_READ_SECONDS = 5

/** Throws UsageError where nothing signed says that it was granted. */
export async function revertGrant(question: RevertQuestion, world: RevertWorld): Promise<RevertOutput> {
  const { id, dryRun } = question
  const { spent, isOver } = await signedGrant(question, world)
  const { writes } = grantedBy(id, spent.grant)
  const { accountId, writer } = await world.operator()
  const targets = targetsOf(writer, { clock: world.nowMs, sleep: world.sleep, secondReadSeconds: SECOND_READ_SECONDS })

  async function take(write: DocumentChange): Promise<Outcome> {
    const before = targets.done().requestIds.length
    try {
      const [left] = await targets.takeAllBack([write], {
        restored: restorable,
        isExact: false,
        acceptedMs: spent.atMs,
      })
      if (left !== undefined) return { outcome: 'left', why: left.why }
    } catch (error) {
      if (!(error instanceof RolemedicError)) throw error
      return { outcome: 'left', why: error.message }
    }
    return { outcome: targets.done().requestIds.length > before ? 'taken-away' : 'nothing-left', why: null }
  }

  const changes: Change[] = []
  // Trust first, so that nobody can assume a role while the rest is removed.
  for (const write of writes.toReversed()) {
    const outcome = elsewhere(write, accountId) ?? (dryRun ? await planned(write, writer) : await take(write))
    changes.push({ target: write.target, statements: addedBy(write), ...outcome })
  }
  return { schema: 'rolemedic.revert/1', proposalId: id, dryRun, isOver, changes, ...targets.done() }
}

/** As it may be shown. */
export const addedBy = ({ before, after }: DocumentChange): readonly Statement[] =>
  withoutSecrets({ ...after, Statement: minus(after.Statement, before?.Statement ?? []) }).Statement

function elsewhere({ target }: DocumentChange, accountId: string): Outcome | null {
  if (target.kind === 'permission-set-inline-policy')
    return { outcome: 'left', why: 'take it out in Identity Center by hand, and provision the permission set' }
  if (target.accountId === accountId) return null
  return {
    outcome: 'other-account',
    why: `these are credentials of ${accountId}: use a profile of ${target.accountId}`,
  }
}

async function planned(write: DocumentChange, writer: PolicyWriter): Promise<Outcome> {
  const now = await writer.read(write.target)
  if (now.kind === 'unreadable') return { outcome: 'left', why: now.why }
  const live = now.kind === 'found' ? now.value : null
  const plan = revertChange({ ...write, before: restorable(write) }, live)
  if (!plan.ok) return { outcome: 'left', why: plan.error.message }
  const isGone = minus(live?.Statement ?? [], plan.value?.Statement ?? []).length === 0
  return { outcome: isGone ? 'nothing-left' : 'planned', why: null }
}

type SignedGrant = { readonly spent: Spent; readonly isOver: boolean }

async function signedGrant({ id, from, keys }: RevertQuestion, world: RevertWorld): Promise<SignedGrant> {
  const ledger = await ledgerBeside(from)
  if (ledger === null)
    throw new UsageError(
      `${from}: no audit log with what write keeps beside it (--from names it, such as s3://<bucket>/audit)`,
    )
  const deploymentId = await deploymentOf(id, ledger)
  if (deploymentId === null)
    throw new UsageError(
      `${id}: nothing beside ${from} says that it was written (rolemedic audit grants lists what stands)`,
    )
  const ring = keys === null ? await deployedKeys(from, world) : keysIn(keys)
  const deps = { ledger, deploymentId, keys: { ring: async () => ring } }
  const spent = await readSpent(id, deps)
  if (!spent.ok) throw new UsageError(`${spent.error}: somebody changed it, or the keys are of another deployment`)
  return { spent: spent.value, isOver: await isEnded(id, deps) }
}

const deployedKeys = async (from: string, world: RevertWorld) =>
  (await keysNextTo(from, world)) ??
  publicKeys({ from, live: true, profile: null, region: null, decisions: [], audit: [] }, world)

async function deploymentOf(id: string, ledger: LedgerReader): Promise<string | null> {
  for await (const key of ledger.keys('spent/')) {
    const [, deploymentId = '', proposalId] = key.split('/')
    if (proposalId === id && key === ledgerKey('spent', deploymentId, id)) return deploymentId
  }
  return null
}
