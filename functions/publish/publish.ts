/**
 * Opens, updates and closes the pull request of a proposal: one, on a branch of its own. Each step may be repeated; what is there
 * already is found by the branch. It never merges, and never writes to another branch.
 */
import { digestOf, MINUTE_MS } from '../../core/base/index.ts'
import type { PolicyChange } from '../../core/patch/index.ts'
import {
  type CodeChange,
  type CodeEdit,
  type CodeHints,
  hintsFromTags,
  type LeftOut,
  type SourceFile,
} from '../../iac/edit/index.ts'
import { isCodePath, isConfigured } from '../../iac/repository/index.ts'
import type { Config } from '../domain/config/index.ts'
import type { ChatSite } from '../domain/messages/index.ts'
import { branchOf, type PullOrder, type PullRecord } from '../domain/proposal/index.ts'
import {
  authorOf,
  CLOSED,
  changesForCode,
  commitMessage,
  inlineCode,
  pullBody,
  pullTitle,
  reminderOf,
  type SignedApprovals,
  signedApprovals,
} from '../domain/pull-request/index.ts'
import { pullRecord } from '../domain/stored/index.ts'
import type { Clock } from '../ports/clock.ts'
import {
  type BranchHead,
  type CodeHost,
  type CodeHosts,
  HostError,
  type HostPull,
  isTransient,
} from '../ports/git/code-host.ts'
import type { Observer } from '../ports/observer.ts'
import type { ProposalStore } from '../ports/proposal-store.ts'
import type { Keys } from '../ports/signer.ts'
import { ownersOf, readSources, type Sources } from './read-sources.ts'

export type EditCode = (
  changes: readonly PolicyChange[],
  files: readonly SourceFile[],
  hints: CodeHints,
  leftOut: LeftOut,
) => Promise<CodeChange>

export type PublishDeps = {
  readonly store: Pick<ProposalStore, 'getMarker' | 'putMarker'>
  readonly hosts: CodeHosts
  readonly edit: EditCode
  readonly config: Pick<Config, 'repositories'>
  /** With them, it verifies who approved. */
  readonly keys: Keys
  readonly deploymentId: string
  /** Where the change was decided. */
  readonly site: ChatSite
  readonly clock: Clock
  readonly observer: Observer
}

/** `again`: another worker has stored its record meanwhile. */
export type Published = PullRecord['state'] | 'nothing-to-do' | 'again'

const NOTHING: PullRecord = {
  ...{ state: 'asked', number: null, url: null, why: null, snippet: null },
  ...{ withdrawn: false, retryAtMs: null, cardUrl: null, textDigest: null, remarks: [] },
}
/** As long as the function may run. Afterwards, the worker has crashed. */
const LEASE_MS = 2 * MINUTE_MS

const TAKEN = new Error('another worker has the record')

/** Leases the record before the first change at the host: of two orders at once, one would open what the other one has closed. */
const leasing = (host: CodeHost, lease: () => Promise<void>): CodeHost => {
  const leased =
    <Given extends unknown[], Answer>(change: (...given: Given) => Promise<Answer>) =>
    async (...given: Given): Promise<Answer> => {
      await lease()
      return change(...given)
    }
  return {
    ...host,
    commit: leased(host.commit),
    deleteBranch: leased(host.deleteBranch),
    openPull: leased(host.openPull),
    updatePull: leased(host.updatePull),
    closePull: leased(host.closePull),
    comment: leased(host.comment),
    askReviewers: leased(host.askReviewers),
  }
}

/** Where the host does not say how long. */
const RETRY_MS = 2 * MINUTE_MS

export function makePublish(deps: PublishDeps): (order: PullOrder) => Promise<Published> {
  return async order => {
    const { store, clock, observer, config } = deps
    const marker = pullRecord(order.proposalId)
    const found = await store.getMarker(marker)
    const seen = found?.value ?? NOTHING
    if (seen.withdrawn && (order.wanted !== 'closed' || !isLeftToDo(seen))) return 'nothing-to-do'
    if (seen.retryAtMs !== null && clock() < seen.retryAtMs) return 'waiting'
    let version = found?.version ?? 0
    let isLeased = false
    const lease = async () => {
      if (isLeased) return
      isLeased = await store.putMarker(marker, version, { ...seen, retryAtMs: clock() + LEASE_MS })
      if (!isLeased) throw TAKEN
      version += 1
    }
    const all = signedApprovals(order, await deps.keys.ring(), deps.deploymentId)
    const isOver = all.bridgeEndsAtMs !== null && all.bridgeEndsAtMs <= clock()
    const signed = isOver ? { ...all, bridgeEndsAtMs: null } : all
    const isSigned = signed.risk !== null || order.wanted === 'closed'
    if (!isSigned) observer.log('error', 'order_not_signed', { proposalId: order.proposalId })
    if (!isSigned) observer.count('Forged')
    if (isSigned && order.shown !== null && (signed.request === null || signed.shown === null))
      observer.log('warn', 'order_words_not_signed', { proposalId: order.proposalId })
    const next = !isSigned
      ? { ...seen, state: seen.number === null ? ('failed' as const) : seen.state, why: NOT_SIGNED, retryAtMs: null }
      : isConfigured(config, order.place.repository)
        ? await attempt(order, signed, seen, { ...deps, hosts: place => leasing(deps.hosts(place), lease) }).catch(
            error => {
              if (error === TAKEN) return null
              throw error
            },
          )
        : { ...seen, state: 'failed' as const, why: NOT_CONFIGURED, retryAtMs: null }
    if (next === null) return 'again'
    const { proposalId } = order
    observer.log('info', 'pull_request', { proposalId, wanted: order.wanted, state: next.state, number: next.number })
    if (next.state !== seen.state && next.state === 'open') observer.count('PullsOpened')
    if (next.state !== seen.state && next.state === 'failed') observer.count('PullsFailed')
    if (!isLeased && digestOf(next) === digestOf(seen) && found !== null) return next.state
    return (await store.putMarker(marker, version, next)) ? next.state : 'again'
  }
}

const NOT_SIGNED = 'no signed decision asks for this change'
const NOT_CONFIGURED = 'the repository is not in "repositories" of rolemedic.config.json any more'

/** Closed where it was: what the host did not do yet is done. */
const isLeftToDo = ({ state }: PullRecord): boolean => state === 'waiting' || state === 'open'

async function attempt(
  order: PullOrder,
  signed: SignedApprovals,
  seen: PullRecord,
  deps: PublishDeps,
): Promise<PullRecord> {
  const host = deps.hosts(order.place.repository)
  const withdrawn = seen.withdrawn || order.wanted === 'closed'
  let made = seen
  const noted: CodeHost = {
    ...host,
    commit: async what => {
      const commit = await host.commit(what)
      made = { ...seen, commit }
      return commit
    },
  }
  const once = () => (order.wanted === 'closed' ? withdraw(order, seen, host) : bring(order, signed, made, noted, deps))
  try {
    const next = await once().catch(error => {
      // Another delivery, or a person, was faster: from what is there now.
      if (error instanceof HostError && error.problem === 'conflict') return once()
      throw error
    })
    return { ...next, withdrawn, retryAtMs: null }
  } catch (error) {
    if (!(error instanceof HostError)) throw error
    const { problem, message: why, retryAfterMs } = error
    deps.observer.log('warn', 'git_host_failed', { proposalId: order.proposalId, problem, error: why })
    const waits = isTransient(error)
    // An open pull request stays what it is: only that it could not be looked at is new.
    const state = seen.number !== null ? seen.state : waits ? 'waiting' : 'failed'
    return { ...made, withdrawn, state, why, retryAtMs: waits ? deps.clock() + (retryAfterMs ?? RETRY_MS) : null }
  }
}

async function withdraw(order: PullOrder, seen: PullRecord, host: CodeHost): Promise<PullRecord> {
  const branch = branchOf(order.proposalId)
  const pull = await pullOf(branch, seen, host)
  if (pull?.state === 'open') {
    await host.comment(pull.number, inlineCode(CLOSED))
    await host.closePull(pull.number)
  }
  if (pull?.state !== 'merged') {
    // What a person has pushed to the branch stays.
    const head = await host.head(branch)
    if (head !== null && !isForeign(head, order, seen)) await host.deleteBranch(branch, head.commit)
  }
  const ended = pull === null || pull.state === 'open' ? NOT_MERGED : ofHost(pull, order)
  return { ...seen, ...ended, number: pull?.number ?? null, url: pull?.url ?? null, snippet: null }
}

async function bring(
  order: PullOrder,
  signed: SignedApprovals,
  seen: PullRecord,
  host: CodeHost,
  deps: PublishDeps,
): Promise<PullRecord> {
  const branch = branchOf(order.proposalId)
  const pull = await pullOf(branch, seen, host)
  if (pull !== null && pull.state !== 'open') return { ...seen, ...ofHost(pull, order), snippet: null }
  const cardUrl = seen.cardUrl ?? order.cardUrl
  const text = { title: pullTitle(order, signed), body: pullBody({ ...order, cardUrl }, signed, deps.site) }
  const textDigest = digestOf(text)
  // Another one has the words of rolemedic once its branch has the commit of rolemedic: anybody may open one from a branch of this name.
  const known = pull?.number === seen.number ? pull : null
  if (known !== null && textDigest !== seen.textDigest) await host.updatePull(known.number, text)
  if (known !== null && order.wanted === 'poll' && known.conflicts !== true) {
    const noted = await remarkForeignPush(order, seen, known, host)
    const remarks = await remind(order, signed, noted, known, host)
    return { ...seen, ...ofHost(known, order), snippet: null, cardUrl, textDigest, remarks }
  }
  const edited = await editOn(order, host, deps)
  if (edited.kind === 'none') {
    if (known !== null)
      return {
        ...seen,
        ...ofHost(known, order),
        why: `it could not be brought up to date: ${edited.why}`,
        cardUrl,
        textDigest,
      }
    return { ...seen, state: edited.state, number: null, url: null, why: edited.why, snippet: edited.snippet }
  }
  const { edits, sources } = edited
  const commit = await commitOnce(order, text.title, branch, edits, sources, seen, host)
  // Its text would vouch for what somebody else has pushed.
  if (commit === null && known === null)
    throw new HostError('invalid', `the branch ${branch} was made by somebody else: delete it, and it is tried again`)
  const now = pull ?? (await openOrFind(order, branch, text, host))
  if (pull !== null && known === null) await host.updatePull(pull.number, text)
  if (pull === null) await askOwners(now.number, edits, sources, host, deps)
  const noted = await remarkForeignPush(order, { ...seen, ...(commit === null ? {} : { commit }) }, now, host)
  const remarks = await remind(order, signed, noted, now, host)
  const next = { ...seen, ...ofHost(now, order), snippet: null, cardUrl, textDigest, remarks }
  return commit === null ? { ...next, why: LEFT_TO_THEM } : { ...next, commit }
}

/** Anybody may open one from a branch of this name, and merge it: of that, the code itself is read. */
async function pullOf(branch: string, { number }: PullRecord, host: CodeHost): Promise<HostPull | null> {
  const found = await host.pull(branch)
  return found?.state === 'merged' && found.number !== number ? null : found
}

const LEFT_TO_THEM = 'somebody else has changed its branch, so rolemedic does not bring it up to date'

const NOT_MERGED = { state: 'closed', why: null } as const

/**
 * A merge into another branch deploys nothing, and who may write to the repository can choose one.
 * https://docs.github.com/en/pull-requests/collaborating-with-pull-requests/proposing-changes-to-your-work-with-pull-requests/changing-the-base-branch-of-a-pull-request
 */
function ofHost(
  { state, number, url, into }: HostPull,
  { place }: PullOrder,
): Pick<PullRecord, 'state' | 'number' | 'url' | 'why'> {
  const { branch } = place.repository
  if (state !== 'merged' || into === branch) return { state, number, url, why: null }
  return { number, url, state: 'closed', why: `it was merged into ${into}, not into ${branch}` }
}

type Edited =
  | { readonly kind: 'edits'; readonly edits: readonly CodeEdit[]; readonly sources: Sources }
  | {
      readonly kind: 'none'
      readonly state: 'snippet' | 'current'
      readonly why: string
      readonly snippet: string | null
    }

/** An edit that is not exact, or of a file that may not be edited, is none. */
async function editOn({ place, changes }: PullOrder, host: CodeHost, deps: PublishDeps): Promise<Edited> {
  const { repository, entities } = place
  const base = await host.head(repository.branch)
  if (base === null)
    throw new HostError(
      'invalid',
      `${repository.repository} has no branch ${repository.branch}: change "repositories" in rolemedic.config.json`,
    )
  const files = entities.flatMap(({ tags }) => hintsFromTags(tags).file ?? [])
  const sources = await readSources(base.commit, repository, files, host)
  const hints = {
    kind: repository.kind,
    entities: new Map(entities.map(({ arn, tags }) => [arn, hintsFromTags(tags)] as const)),
  }
  const change = await deps.edit(changesForCode(changes), sources.files, hints, sources.leftOut)
  if (change.outcome === 'draft') {
    const why = [change.reason, ...sources.notes].join(' ')
    return { kind: 'none', state: 'snippet', why, snippet: change.snippet }
  }
  if (change.outcome === 'present') return { kind: 'none', state: 'current', why: change.reason, snippet: null }
  const edits = change.edits.filter(({ before, after }) => before !== after)
  if (edits.length === 0)
    return { kind: 'none', state: 'current', why: 'the code has the change already', snippet: null }
  const wrong = edits.find(edit => !isEditable(edit, sources, repository))
  if (wrong !== undefined)
    return { kind: 'none', state: 'snippet', why: `${wrong.file} may not be edited by rolemedic`, snippet: null }
  return { kind: 'edits', edits, sources }
}

/** Exactly what was read, and within the configured paths. */
const isEditable = (
  { file, before }: CodeEdit,
  { files }: Sources,
  repository: PullOrder['place']['repository'],
): boolean => isCodePath(file, repository) && files.some(({ path, text }) => path === file && text === before)

/**
 * On the present end of the default branch, unless the branch has this content alone. Gives the commit with which the branch ends; null: it
 * is somebody else's.
 */
async function commitOnce(
  { proposalId }: PullOrder,
  title: string,
  branch: string,
  edits: readonly CodeEdit[],
  { commit: base }: Sources,
  seen: PullRecord,
  host: CodeHost,
): Promise<string | null> {
  const head = await host.head(branch)
  const author = head === null ? 'ours' : authorOf(head, proposalId, edits, seen.commit ?? null)
  if (author === 'foreign') return null
  if (author === 'same' && head !== null) {
    const known = seen.commit ?? null
    if (known === head.commit || (await isExactly(edits, { commit: head.commit, base }, host))) return head.commit
    if (known !== null) return null
  }
  const files = edits.map(({ file: path, after: text }) => ({ path, text }))
  const message = commitMessage(title, proposalId, edits)
  return host.commit({ branch, base, replaces: head?.commit ?? null, message, files })
}

/** The message of a commit is what its author writes there: whether the commit has these edits, and nothing else beside its base. */
async function isExactly(
  edits: readonly CodeEdit[],
  { commit, base }: { readonly commit: string; readonly base: string },
  host: CodeHost,
): Promise<boolean> {
  const there = await host.files(commit)
  // Listed last: a commit takes the modes of these.
  const before = await host.files(base)
  const others = ({ entries }: typeof there) =>
    entries.map(({ path, mode, id }) => [path, mode, edits.some(({ file }) => file === path) ? '' : id]).sort()
  if (!there.complete || !before.complete || digestOf(others(there)) !== digestOf(others(before))) return false
  for (const { file, after } of edits) {
    const found = there.files.find(({ path }) => path === file)
    if (found === undefined || (await host.text(found, commit)) !== after) return false
  }
  return true
}

/** Another delivery may have opened it in this moment. */
async function openOrFind(
  { place }: PullOrder,
  branch: string,
  text: { readonly title: string; readonly body: string },
  host: CodeHost,
): Promise<HostPull> {
  try {
    return await host.openPull({ branch, into: place.repository.branch, ...text })
  } catch (error) {
    const pull =
      error instanceof HostError && ['conflict', 'invalid'].includes(error.problem) ? await host.pull(branch) : null
    if (pull === null) throw error
    return pull
  }
}

/** Without an answer, the pull request stands: the host's own rules ask the owners too. */
async function askOwners(
  number: number,
  edits: readonly CodeEdit[],
  sources: Sources,
  host: CodeHost,
  { observer }: PublishDeps,
) {
  try {
    const owners = await ownersOf(
      sources,
      edits.map(({ file }) => file),
      host,
    )
    const left = owners.length === 0 ? [] : await host.askReviewers(number, owners)
    if (left.length > 0) observer.log('info', 'reviewers_not_asked', { number, left: left.length })
  } catch (error) {
    observer.log('warn', 'reviewers_not_asked', { number, error: String(error) })
  }
}

/** Its text vouches for what rolemedic has pushed, and for nothing else: said once for each commit of others. */
async function remarkForeignPush(order: PullOrder, seen: PullRecord, { number }: HostPull, host: CodeHost) {
  const head = await host.head(branchOf(order.proposalId))
  const key = `push/${head?.commit}`
  if (head === null || !isForeign(head, order, seen) || seen.remarks.includes(key)) return seen
  await host.comment(number, inlineCode(FOREIGN_PUSH))
  return { ...seen, remarks: [...seen.remarks, key] }
}

const isForeign = (head: BranchHead, { proposalId }: PullOrder, { commit }: PullRecord): boolean =>
  authorOf(head, proposalId, null, commit ?? null) === 'foreign'

const FOREIGN_PUSH =
  'Somebody else has pushed to this branch. Nobody approved that in the chat: review it like any other change.'

async function remind(
  { reminder }: PullOrder,
  { bridgeEndsAtMs }: SignedApprovals,
  { remarks }: PullRecord,
  { number }: HostPull,
  host: CodeHost,
) {
  const due = reminderOf(reminder, bridgeEndsAtMs)
  if (due === null || remarks.includes(due.key)) return remarks
  await host.comment(number, inlineCode(due.text))
  return [...remarks, due.key]
}
