/** The entry of the GitHub Action: its inputs as arguments of `rolemedic ci`. */
import { dispatch } from '../dispatch.ts'
import { type Io, processIo } from '../io.ts'

/** https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax#inputs */
export function argumentsOf(env: Io['env']): readonly string[] {
  const input = (name: string): string => (env[`INPUT_${name.toUpperCase()}`] ?? '').trim()
  const each = (name: string) =>
    input(name)
      .split('\n')
      .map(line => line.trim())
      .filter(line => line !== '')
  return [
    'ci',
    ...['account', 'preflight'].flatMap(name => each(name).map(value => `--${name}=${value}`)),
    ...['log', 'org', 'config', 'region', 'as', 'format', 'comment'].flatMap(name =>
      input(name) === '' ? [] : [`--${name}=${input(name)}`],
    ),
    ...(input('live') === 'true' ? ['--live'] : []),
  ]
}

const io = processIo()
const env = { ...io.env, GITHUB_TOKEN: io.env['INPUT_TOKEN'] ?? io.env['GITHUB_TOKEN'] }
process.exitCode = await dispatch(argumentsOf(env), { ...io, env })
