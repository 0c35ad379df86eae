/** One step of a CI job: explains a failed log or a planned deploy in the job's summary and in the pull request. */

import { neutralText, plural, UsageError } from '../../core/base/index.ts'
import { CODE_FORMATS } from '../../core/patch/index.ts'
import { linkTo } from '../../functions/domain/pull-request/index.ts'
import { type Host, hostOf } from '../ci/host.ts'
import { type Command, type Description, helpText, type Options } from '../command.ts'
import { type Io, oneLine } from '../io.ts'
import { parseArguments } from '../parse-arguments.ts'

const OPTIONS = {
  log: {
    type: 'string',
    value: 'FILE',
    about: 'the log of the step that failed; without a denial in it, nothing happens',
  },
  preflight: {
    type: 'string',
    multiple: true,
    value: 'PATH',
    about: 'a template, a cdk.out folder or a plan that is to be deployed (repeatable)',
  },
  as: { type: 'string', value: 'ARN', about: 'with --preflight: who deploys' },
  account: {
    type: 'string',
    multiple: true,
    value: 'FILE',
    about:
      'output of aws iam get-account-authorization-details, one per account or one for each of its pages (repeatable)',
  },
  org: { type: 'string', value: 'FILE', about: 'the organization with its service and resource control policies' },
  config: { type: 'string', value: 'FILE', about: 'a rolemedic.config.json; default: the default settings' },
  live: { type: 'boolean', about: 'read IAM with the credentials of the job; if that fails, explain from the text' },
  region: { type: 'string', value: 'R', about: 'the Region' },
  format: {
    type: 'string',
    value: 'F',
    values: CODE_FORMATS,
    about: 'the language of the repository: terraform, cdk, cloudformation or cli; default: what its files tell',
  },
  comment: {
    type: 'string',
    value: 'WHETHER',
    values: ['true', 'false'],
    about: 'comment on the pull request; default true',
  },
} as const satisfies Options

export const DESCRIPTION: Description = {
  name: 'ci',
  usage: [
    ['rolemedic ci --log FILE [options]', 'explains a step that failed'],
    ['rolemedic ci --preflight PATH [options]', 'shows what a deploy will be denied'],
  ],
  about: [
    'Writes the summary and the outputs of a job of GitHub Actions (denials, comment, preflight), and one comment on its pull request or on the merge request of GitLab, which the next run updates. Needs GITHUB_TOKEN, or ROLEMEDIC_COMMENT_TOKEN on GitLab. Without a CI system it prints the comment.',
  ],
  operands: [],
  subcommands: [],
  options: OPTIONS,
  examples: [
    { run: 'rolemedic ci --log build.log --account account.json', about: 'what the comment would be', notRun: null },
    { run: 'rolemedic ci --log step.log --live', about: 'in a job', notRun: 'needs AWS credentials' },
  ],
  exitCodes: [
    [0, 'explained, or nothing is ours'],
    [1, 'with --preflight: the deploy will be denied'],
    [2, 'usage or unreadable input'],
  ],
  outputs: [],
}

const HINT = '(rolemedic ci --help)'

type Values = ReturnType<typeof valuesOf>
const valuesOf = (args: readonly string[]) => parseArguments(args, OPTIONS, 'rolemedic ci --help').values

export async function run(args: readonly string[], io: Io): Promise<number> {
  const values = valuesOf(args)
  if (values.help === true) {
    io.out(helpText(DESCRIPTION))
    return 0
  }
  const { log = null, preflight = [], comment = 'true', format } = values
  if (log === null && preflight.length === 0) throw new UsageError(`give --log FILE or --preflight PATH ${HINT}`)
  if (comment !== 'true' && comment !== 'false') throw new UsageError(`--comment takes true or false ${HINT}`)
  if (format !== undefined && !CODE_FORMATS.some(one => one === format))
    throw new UsageError(`--format takes ${CODE_FORMATS.join(', ')}, not "${format}" ${HINT}`)
  const host = await hostOf(io)
  const explained = log === null ? null : await explainLog(log, values, io)
  const ahead = preflight.length === 0 ? null : await explainDeploy(preflight, values, io)
  await host.output('denials', String(explained?.denials ?? 0))
  if (ahead !== null) await host.output('preflight', ahead.answer)
  const parts = [explained?.comment ?? null, ahead?.comment ?? null].filter(part => part !== null)
  await host.output('comment', parts.join('\n'))
  for (const part of parts) await publish(part, comment === 'true', host, io)
  return ahead?.answer === 'denied' ? 1 : 0
}

async function publish(part: string, wanted: boolean, host: Host, io: Io): Promise<void> {
  io.out(host.guarded(part))
  const run = linkTo('The run', host.runUrl ?? '')
  const body = run === null ? part : `${part.trimEnd()}\n\n${run}\n`
  await host.summary(part)
  if (!wanted) return
  if (host.comments === null) {
    io.err(oneLine(`no comment: ${host.why}`))
    return
  }
  try {
    const done = await host.comments.upsert(markOf(part), body)
    io.err(oneLine(`comment ${done}`))
  } catch (error) {
    // A pull request of a fork has a token that cannot write: the summary has the explanation.
    io.err(oneLine(`no comment: ${error instanceof Error ? error.message : String(error)}`))
  }
}

/** The first line of each comment. */
const markOf = (part: string): string => part.slice(0, part.indexOf('-->') + '-->'.length)

type Captured = { readonly code: number; readonly out: string; readonly err: readonly string[] }

/** Runs another command and keeps what it prints. */
async function captured(command: Command, args: readonly string[], io: Io, stdin = ''): Promise<Captured> {
  let out = ''
  const err: string[] = []
  const inner: Io = {
    ...io,
    readStdin: async () => stdin,
    out(text) {
      out += text
    },
    err: line => void err.push(line),
    progress() {},
    colour: false,
  }
  try {
    return { code: await command.run(args, inner), out, err }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    return { code: 2, out: '', err: [...err, oneLine(error.message)] }
  }
}

/** Where IAM is read; without it, the text alone is explained. */
const accessOf = ({ account = [], org, live = false, region }: Values): readonly string[] => [
  ...(live ? ['--live'] : account.map(file => `--account=${file}`)),
  ...(org === undefined ? [] : [`--org=${org}`]),
  ...(live && region !== undefined ? [`--region=${region}`] : []),
]

/**
 * Reads IAM as asked. If that fails (no credentials, an expired token, a snapshot that is missing), explains without it
 * and says so: a broken reader must not hide the denial.
 */
async function withAccess(command: Command, input: readonly string[], values: Values, io: Io) {
  const access = accessOf(values)
  const args = [...input, ...(values.config === undefined ? [] : [`--config=${values.config}`])]
  const whole = await captured(command, [...args, ...access], io)
  if (whole.code !== 2 || access.length === 0) return { result: whole, note: null }
  const bare = await captured(command, args, io)
  if (bare.code === 2) return { result: whole, note: null }
  return { result: bare, note: neutralText(whole.err.at(-1) ?? '', 300).replace(/^rolemedic: /, '') }
}

async function explainLog(log: string, values: Values, io: Io) {
  const [diagnose, comment] = await Promise.all([import('./diagnose.ts'), import('./comment.ts')])
  const present = await io.readFile(log).then(
    text => text.trim() !== '',
    () => false,
  )
  if (!present) {
    io.err(oneLine(`${log}: no log, so nothing to explain`))
    return { denials: 0, comment: null }
  }
  const { result, note } = await withAccess(diagnose, [`--log=${log}`, '--json'], values, io)
  for (const line of result.err) io.err(line)
  if (result.code === 2) throw new UsageError(`${log} cannot be explained`)
  if (result.code === 3) return { denials: 0, comment: null }
  const format = values.format === undefined ? [] : [`--format=${values.format}`]
  const { out } = await captured(comment, format, io, result.out)
  return { denials: result.out.trimEnd().split('\n').length, comment: out === '' ? null : withNote(out, note) }
}

async function explainDeploy(paths: readonly string[], values: Values, io: Io) {
  const preflight = await import('./preflight.ts')
  const as = values.as === undefined ? [] : [`--as=${values.as}`]
  const region = values.region === undefined || values.live === true ? [] : [`--region=${values.region}`]
  const { result, note } = await withAccess(preflight, [...paths, '--format=markdown', ...as, ...region], values, io)
  for (const line of result.err) io.err(line)
  if (result.code === 2) throw new UsageError(`${plural(paths.length, 'path')} cannot be read`)
  const answers = { 0: 'allowed', 1: 'denied', 3: 'nothing' } as const
  const answer = answers[result.code === 0 || result.code === 3 ? result.code : 1]
  return { answer, comment: result.out === '' ? null : withNote(result.out, note) }
}

const withNote = (comment: string, note: string | null): string =>
  note === null
    ? comment
    : `${comment.trimEnd()}\n\nIAM could not be read, so this is from the text alone: \`${note.replaceAll('`', "'")}\`\n`
