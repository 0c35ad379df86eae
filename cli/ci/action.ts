/** The entry of the GitHub Action. */
import { exitCodeOf, type Io, processIo } from '../io.ts'
import { AS, CODE_FORMAT } from '../options.ts'
import { withHint } from '../parse-arguments.ts'
import { type CiStep, ciStep, ciStepOf, readComment, readLive, readNotify } from './step.ts'

/** https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax#inputs */
function actionStep(env: Io['env']): CiStep {
  const each = (name: string) =>
    (env[`INPUT_${name.toUpperCase()}`] ?? '')
      .split('\n')
      .map(line => line.trim())
      .filter(line => line !== '')
  const one = (name: string): string | null => (env[`INPUT_${name.toUpperCase()}`] ?? '').trim() || null
  const read = <T>(name: string, reader: (text: string) => T): T | null => {
    const text = one(name)
    return text === null ? null : reader(text)
  }
  // https://github.com/actions/toolkit/tree/main/packages/core: true, True and TRUE are one boolean.
  const flag = <T>(name: string, reader: (text: string) => T): T | null =>
    read(name, text => reader(/^(?:true|false)$/i.test(text) ? text.toLowerCase() : text))
  return ciStepOf({
    ...{ log: one('log'), preflight: each('preflight'), account: each('account'), org: one('org') },
    ...{ config: one('config'), region: one('region'), live: flag('live', readLive) === 'true' },
    job: one('job'),
    as: read('as', AS.read),
    format: read('format', CODE_FORMAT.read),
    comment: flag('comment', readComment),
    notify: flag('notify', readNotify),
  })
}

const io = processIo()
const env = { ...io.env, GITHUB_TOKEN: io.env['INPUT_TOKEN'] ?? io.env['GITHUB_TOKEN'] }
process.exitCode = await exitCodeOf(io, () =>
  ciStep(
    withHint('rolemedic ci --help', () => actionStep(env)),
    { ...io, env },
  ),
)
