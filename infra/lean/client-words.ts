import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** By these names the SDK knows that a refused call may be made again, and that the service wants fewer of them. */
const RETRIED = 'node_modules/@smithy/core/dist-es/submodules/retry/service-error-classification/constants.js'

/** `requestValidationModeMember: "ChecksumMode"`, or a record with its name. */
const SET_BY_COMMANDS = /\w+Member: (?:\{[^}]*"name": )?"(\w+)"/g
/** An error whose code on the wire is another than its name. */
const RENAMED = /^export var (\w+)\$ = \[-3, n\d+, \w+,\n {4}\{ \[_aQE\]: \[`(\w+)`/gm

/**
 * What a client asks for by name beside what the functions do: members that its commands set themselves, and errors that
 * are tried again because their class says so, or for a name that only their class gives them.
 */
export async function wordsOfClient(schemas: string, root: string): Promise<readonly string[]> {
  const client = join(dirname(schemas), '..')
  const read = (file: string) => readFile(file, 'utf8')
  const [commands, errors, retried, described] = await Promise.all([
    read(join(client, 'commandBuilder.js')),
    read(join(client, 'models/errors.js')),
    read(join(root, RETRIED)),
    read(schemas),
  ])
  const isRetried = (name: string) => retried.includes(`"${name}"`)
  const classes = errors.split(/^export class /m).filter(text => text.includes('$retryable'))
  const renamed = [...described.matchAll(RENAMED)].filter(([, name, code]) => name !== code)
  return [
    ...[...commands.matchAll(SET_BY_COMMANDS)].map(([, name = '']) => name),
    ...classes.flatMap(text => text.match(/^\w+/) ?? []).filter(name => !isRetried(name)),
    ...renamed.map(([, name = '']) => name).filter(isRetried),
  ]
}
