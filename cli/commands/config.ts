import { basename, dirname, join } from 'node:path'
import { parseJsonText, UsageError } from '../../core/base/index.ts'
import { EXIT_CODES, type Options } from '../command.ts'
import { defineCommand } from '../define-command.ts'
import { writeNewFiles } from '../files/new-files.ts'
import { type Io, notes, readGiven } from '../io.ts'
import { jsonText } from '../json-text.ts'
import { described, FOLDER, JSON_FORM } from '../options.ts'
import { type PasskeysOutput, passkeys } from '../outputs/operate/passkeys.ts'
import { checkConfig, missingPasskeys } from '../use-cases/check-config.ts'
import { packConfig } from '../use-cases/pack-config.ts'
import { CONFIG_FILE } from '../use-cases/read-config.ts'
import { inputName } from '../use-cases/world.ts'
import { version } from '../version.ts'

const OPTIONS = {
  json: JSON_FORM,
  enrolled: {
    type: 'string',
    value: 'FILE',
    about: 'check: who has a passkey, as passkeys list --json prints it; needed where approval.passkey is not off',
  },
  folder: described(FOLDER, 'pack: where the archive goes; default: the current folder'),
} as const satisfies Options

type Question = { readonly file: string; readonly json: boolean } & (
  | { readonly what: 'check'; readonly enrolled: string | null }
  | { readonly what: 'pack'; readonly folder: string }
)

export const configCommand = defineCommand({
  name: 'config',
  usage: [
    ['rolemedic config check [FILE|-] [--enrolled FILE] [--json]', 'is it right?'],
    ['rolemedic config pack [FILE|-] [--folder FOLDER]', 'the archive that the released templates take'],
  ],
  about: [
    `check validates the configuration (default: ${CONFIG_FILE}) and prints it with defaults filled in. Each error names its place in the file: also an id that is still the sample's. Notes say what an earlier version did otherwise, where the file leaves it to a default. Exit code 1 if there are errors; with --json they are JSON on standard output.`,
    'pack checks the same, but not who has a passkey, and writes rolemedic-config-VERSION-DIGEST.zip: the Terraform module and the templates take no archive of another name or version, so that a configuration that their functions cannot read is not deployed, and what runs goes on.',
  ],
  operands: [['FILE', `default: ${CONFIG_FILE}`]],
  subcommands: ['check', 'pack'],
  options: OPTIONS,
  examples: [
    { run: 'rolemedic config check', about: 'the configuration in the current folder', notRun: null },
    { run: 'rolemedic config check --json my-config.json', about: 'for a program', notRun: null },
    { run: 'rolemedic config pack my-config.json', about: 'before a deploy with the released templates', notRun: null },
  ],
  exitCodes: EXIT_CODES,
  outputs: ['config-check'],
  noInput: null,
  takes: 2,
  ask({ values: { json, folder, enrolled }, positionals: [command, file = CONFIG_FILE] }): Question {
    if (command === 'check' && folder === null) return { what: 'check', file, json, enrolled }
    if (command === 'pack' && enrolled === null) return { what: 'pack', file, json, folder: folder ?? '.' }
    if (command === 'pack') throw new UsageError('--enrolled goes with check')
    throw new UsageError(command === 'check' ? '--folder goes with pack' : 'config takes "check" or "pack"')
  },
  async answer(question, io) {
    const given = await readGiven(question.file, io)
    const name = inputName(given)
    if (question.what === 'pack') return pack(given.text, name, question.folder, question.json, io)
    const enrolled = question.enrolled === null ? null : await enrolledIn(question.enrolled, io)
    const checked = checkConfig(given.text)
    if (!checked.ok) return failed(checked.error, name, question.json, io)
    const missing = missingPasskeys(checked.value.config, enrolled)
    if (missing.length > 0) return failed(missing, name, question.json, io)
    warn(checked.value.warnings, name, io)
    notes(
      checked.value.notes.map(note => `${name}: note: ${note}`),
      io,
    )
    io.data(`${jsonText(checked.value.config, 2)}\n`)
    return 0
  },
})

async function enrolledIn(file: string, io: Io): Promise<PasskeysOutput> {
  const given = await readGiven(file, io)
  const name = inputName(given)
  const read = passkeys.safeParse(parseJsonText(name, given.text))
  if (!read.success) throw new UsageError(`${name}: not what rolemedic passkeys list --json prints`)
  return read.data
}

async function pack(text: string, name: string, folder: string, json: boolean, io: Io): Promise<number> {
  const packed = packConfig(text, version())
  if (!packed.ok) return failed(packed.error, name, json, io)
  const { archive, warnings } = packed.value
  warn(warnings, name, io)
  const path = join(folder, packed.value.name)
  // The name is the digest of the content, so a file of this name is the same.
  await writeNewFiles(dirname(path), [{ name: basename(path), content: archive }], true)
  io.out(`${path}\n`)
  return 0
}

function failed(errors: readonly string[], name: string, json: boolean, io: Io): number {
  if (json) io.data(`${jsonText({ file: name, errors }, 2)}\n`)
  else
    notes(
      errors.map(error => `${name}: ${error}`),
      io,
    )
  return 1
}

const warn = (warnings: readonly string[], name: string, io: Io): void =>
  notes(
    warnings.map(warning => `${name}: warning: ${warning}`),
    io,
  )
