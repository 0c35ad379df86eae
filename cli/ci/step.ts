/** The report of a CI job about a failed log or a planned deploy: its summary, its outputs, and one comment for each. */
import { neutralText, UsageError } from '../../core/base/index.ts'
import type { CodeFormat } from '../../core/patch/index.ts'
import { inlineCode, linkTo } from '../../functions/domain/pull-request/index.ts'
import { shownName } from '../files/standard-input.ts'
import { COMMENT_MARK } from '../formats/hint/hint-text.ts'
import { type Io, notes, oneLine } from '../io.ts'
import { iamOptions, oneOf } from '../options.ts'
import { hintOutput } from '../outputs/hint.ts'
import type { DiagnosisJson } from '../use-cases/comment/parse-diagnoses.ts'
import { type IamSource, NO_IAM } from '../use-cases/iam-reader.ts'
import type { NamedText } from '../use-cases/world.ts'
import { type Host, hostOf } from './host.ts'

export type CiStep = {
  /** The file with the log of the step that failed. */
  readonly log: string | null
  /** The sources of the planned deploy. */
  readonly preflight: readonly string[]
  /** The principal that deploys. Null: only the source can name it. */
  readonly as: string | null
  readonly access: IamSource
  readonly config: string | null
  readonly region: string | null
  /** The language of the repository. Null: detected from its files. */
  readonly format: CodeFormat | null
  /** Which one of the jobs of a matrix this is. Null: there is one. */
  readonly job: string | null
  /** True to comment on the pull request. */
  readonly comment: boolean
  /** True to send the denials of the log to the bot, as an event of the account. */
  readonly notify: boolean
}

/** Options of the command or inputs of the Action. Empty inputs of the Action are null. */
export type CiValues = Omit<CiStep, 'access' | 'comment' | 'notify'> & {
  readonly account: readonly string[]
  readonly org: string | null
  readonly live: boolean
  readonly comment: 'true' | 'false' | null
  readonly notify: 'true' | 'false' | null
}

export const readLive = oneOf('live', ['true', 'false'])
export const readComment = oneOf('comment', ['true', 'false'])
export const readNotify = oneOf('notify', ['true', 'false'])

/** Throws UsageError if there is nothing to explain. */
export function ciStepOf({ account, org, live, comment, notify, ...values }: CiValues): CiStep {
  if (values.log === null && values.preflight.length === 0) throw new UsageError('give --log FILE or --preflight PATH')
  return {
    ...values,
    access: iamOptions({ account, org, live, profile: null, region: live ? values.region : null }),
    comment: comment !== 'false',
    notify: notify === 'true',
  }
}

/** The exit code of the step. */
export async function ciStep(step: CiStep, io: Io): Promise<number> {
  const host = await hostOf(io, step.job)
  const log = step.log === null ? null : await logIn(step.log, io)
  const explained = log === null ? null : await explainLog(log, step, io)
  const ahead = step.preflight.length === 0 ? null : await explainDeploy(step, io)
  await host.output('denials', String(explained?.denials ?? 0))
  if (ahead !== null) await host.output('preflight', ahead.answer)
  const parts = [explained?.comment ?? null, ahead?.comment ?? null].filter(part => part !== null)
  await host.output('comment', parts.join('\n'))
  for (const part of parts) await publish(part, step.comment, host, io)
  if (ahead?.instead !== undefined && step.comment) await replace(ahead.instead, host, io)
  if (step.notify && log !== null) await notify(log.text, step, host, io)
  return ahead?.answer === 'denied' ? 1 : 0
}

async function publish(part: string, wanted: boolean, host: Host, io: Io): Promise<void> {
  host.print(part, io)
  await host.summary(part)
  if (!wanted) return
  if (host.comments === null) {
    io.err(oneLine(`no comment: ${host.why}`))
    return
  }
  const { mark, body } = commentOf(part, host)
  const { comments } = host
  await orNoComment(io, () => comments.upsert(mark, body))
}

/** Replaces what an earlier run commented, and adds nothing. */
async function replace(part: string, host: Host, io: Io): Promise<void> {
  const { mark, body } = commentOf(part, host)
  const { comments } = host
  if (comments !== null) await orNoComment(io, async () => ((await comments.update(mark, body)) ? 'updated' : null))
}

async function orNoComment(io: Io, write: () => Promise<'updated' | 'added' | null>): Promise<void> {
  try {
    const done = await write()
    if (done !== null) io.err(oneLine(`comment ${done}`))
  } catch (error) {
    // The token of a pull request from a fork cannot write. The summary still has the explanation.
    io.err(oneLine(`no comment: ${error instanceof Error ? error.message : String(error)}`))
  }
}

/** A comment of this job alone, with a link to its run. */
function commentOf(part: string, { jobKey, runUrl }: Host): { readonly mark: string; readonly body: string } {
  const end = part.indexOf(MARK_END)
  const mark = jobKey === null ? part.slice(0, end) + MARK_END : `${part.slice(0, end)} ${jobKey}${MARK_END}`
  const run = linkTo('The run', runUrl ?? '')
  const of = jobKey === null ? '' : ` of ${inlineCode(jobKey)}`
  const text = `${mark}${part.slice(end + MARK_END.length)}`
  return { mark, body: run === null ? text : `${text.trimEnd()}\n\n${run}${of}\n` }
}

const MARK_END = ' -->'

/** Sends to the account of the credentials. A failure to send does not fail the step. */
async function notify(text: string, { region: wanted }: CiStep, { job, why, runUrl }: Host, io: Io): Promise<void> {
  const region = wanted ?? io.env['AWS_REGION'] ?? io.env['AWS_DEFAULT_REGION'] ?? null
  if (job === null || region === null) {
    io.err(oneLine(`not notified: ${job === null ? why : 'give --region, or the Region in the environment'}`))
    return
  }
  const [{ jobEventOf }, { sendJobEvent }] = await Promise.all([
    import('./job-event.ts'),
    import('../live/send-job-event.ts'),
  ])
  const event = jobEventOf(text, job, runUrl)
  if (event === null) return
  try {
    await sendJobEvent(event, region, io)
    io.err(oneLine('notified'))
  } catch (error) {
    io.err(oneLine(`not notified: ${error instanceof Error ? error.message : String(error)}`))
  }
}

/**
 * Reads IAM from the given source. If that fails (no credentials, an expired token, a missing snapshot), explains the denial
 * without it and reports the failure.
 */
async function withAccess<T>(ask: (access: IamSource) => Promise<T>, access: IamSource) {
  try {
    return { answer: await ask(access), note: null }
  } catch (error) {
    const isBare = access.live === null && access.accounts.length === 0 && access.org === null
    if (!(error instanceof UsageError) || isBare) throw error
    const answer = await ask(NO_IAM).catch(bare => {
      throw bare instanceof UsageError ? error : bare
    })
    return { answer, note: neutralText(error.message, 300) }
  }
}

/** Prints the reason first, on one line. */
async function orUnexplained<T>(what: string, io: Io, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (cause) {
    if (!(cause instanceof UsageError)) throw cause
    io.err(oneLine(cause.message))
    throw new UsageError(what, { cause })
  }
}

/** Empty: the step may have failed before it wrote one. Throws UsageError for a log that is there and cannot be read. */
async function logIn(log: string, io: Io): Promise<NamedText & { readonly name: string }> {
  const isThere = log === '-' || (await io.exists(log))
  return { name: shownName(log), text: isThere ? await io.readFile(log) : '' }
}

async function explainLog(log: NamedText & { readonly name: string }, step: CiStep, io: Io) {
  const { access, config, format } = step
  if (log.text.trim() === '') {
    io.err(oneLine(`${log.name}: no log, so nothing to explain`))
    return { denials: 0, comment: null }
  }
  const [{ diagnoseInput }, { noneText, placesNotes }, { commentText }, { commentedDiagnosis }, { repositoryFormat }] =
    await Promise.all([
      import('../use-cases/diagnose/diagnose.ts'),
      import('../formats/diagnosis/notes.ts'),
      import('../formats/comment/comment-text.ts'),
      import('../formats/comment/commented-diagnosis.ts'),
      import('../use-cases/repository-format.ts'),
    ])
  const explain = async (from: IamSource) => {
    const question = { input: log, access: from, config }
    const answer = await diagnoseInput({ ...question, withGetRole: false, atMs: null }, io)
    // The words of a service alone lead to no patch: its role is judged by what was deployed.
    const { faults, drafts } = await faultsIn(log, from, step, io)
    if (answer.kind === 'none') {
      const none = faults.length === 0 ? [noneText(answer)] : []
      return { lines: [...answer.notes, ...none], diagnoses: [], hints: [], faults, drafts }
    }
    if (answer.kind === 'hints') return { lines: answer.notes, diagnoses: [], hints: answer.hints, faults, drafts }
    const diagnoses: DiagnosisJson[] = []
    for await (const { analysis } of answer.diagnosed)
      if (analysis.denial.principal.kind !== 'service' || faults.every(({ kind }) => kind === 'other-action'))
        diagnoses.push(commentedDiagnosis(analysis))
    return { lines: [...answer.notes, ...placesNotes(answer)], diagnoses, hints: answer.hints, faults, drafts }
  }
  const { answer, note } = await orUnexplained(`${log.name} cannot be explained`, io, () => withAccess(explain, access))
  io.progress(null)
  notes(answer.lines, io)
  const { diagnoses, faults, drafts } = answer
  const hints = answer.hints.map(hintOutput)
  if (diagnoses.length + hints.length + faults.length === 0) return { denials: 0, comment: null }
  const { draftsMarkdown, faultsMarkdown } = await import('../formats/explain-deploy/markdown-output.ts')
  const others = diagnoses.length + hints.length
  const comment =
    others === 0
      ? `${COMMENT_MARK}\n`
      : commentText(diagnoses, { format: format ?? (await repositoryFormat(io)), hints })
  const whole =
    faults.length === 0 ? comment : `${comment.trimEnd()}\n\n${faultsMarkdown(faults)}${draftsMarkdown(drafts)}`
  return { denials: diagnoses.length + faults.length, comment: withNote(whole, note) }
}

/** The step runs in the checkout whose deploy failed. */
const CHECKOUT = '.'

/** What no diagnosis explains, with the sources of `--preflight`, where the log is that of their deploy. */
async function faultsIn(log: NamedText, access: IamSource, { config, region, preflight }: CiStep, io: Io) {
  const { explainFailedDeploy } = await import('../use-cases/explain-deploy/explain-deploy.ts')
  const question = { event: null, stackEvents: null, log, run: null, access, config, region, atMs: null }
  const explain = (sources: readonly string[]) =>
    explainFailedDeploy({ ...question, code: CHECKOUT, sources, parameters: new Map() }, io)
  const answer = await explain(preflight).catch(error => {
    if (error instanceof UsageError && preflight.length > 0) return explain([])
    throw error
  })
  return { faults: (answer?.causes ?? []).filter(({ kind }) => kind !== 'role-action'), drafts: answer?.drafts ?? [] }
}

async function explainDeploy({ preflight: paths, as: principal, access, config, region }: CiStep, io: Io) {
  const [{ preflightDeploy }, { noNeedsMarkdown, preflightMarkdown }, { noDeployerText }] = await Promise.all([
    import('../use-cases/preflight/preflight.ts'),
    import('../formats/preflight/markdown-output.ts'),
    import('../formats/preflight/notes.ts'),
  ])
  const explain = async (from: IamSource) => {
    const sources = paths.map(name => ({ kind: 'path', name }) as const)
    const answer = await preflightDeploy(
      { ...{ sources, as: principal, config, region }, access: from, parameters: new Map(), atMs: null },
      io,
    )
    if (answer.kind === 'no-deployer') throw new UsageError(noDeployerText(answer))
    return answer
  }
  const { answer, note } = await orUnexplained(`${paths.join(', ')} cannot be explained`, io, () =>
    withAccess(explain, access),
  )
  notes(answer.notes, io)
  if (answer.kind === 'nothing')
    return answer.unread.length === 0
      ? { answer: 'nothing' as const, comment: null, instead: noNeedsMarkdown([]) }
      : { answer: 'denied' as const, comment: withNote(noNeedsMarkdown(answer.unread), note) }
  const answers = { allowed: 'allowed', open: 'denied', nothing: 'nothing' } as const
  return { answer: answers[answer.answer], comment: withNote(preflightMarkdown(answer.report), note) }
}

const withNote = (comment: string, note: string | null): string =>
  note === null
    ? comment
    : `${comment.trimEnd()}\n\nIAM could not be read, so this is from the text alone: \`${note.replaceAll('`', "'")}\`\n`
