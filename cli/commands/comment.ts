/** The output of `diagnose --json` as Markdown for a pull request or merge request. */
import { UsageError } from '../../core/base/index.ts'
import { type Description, EXIT_CODES, helpText, type Options } from '../command.ts'
import { commentText } from '../formats/comment/comment-text.ts'
import { parseDiagnoses } from '../formats/comment/parse-diagnoses.ts'
import { type Io, oneLine, readGiven } from '../io.ts'
import { CODE_FORMAT, described } from '../options.ts'
import { parseArguments } from '../parse-arguments.ts'
import { repositoryFormat } from '../use-cases/repository-format.ts'
import { inputName } from '../use-cases/world.ts'

const OPTIONS = {
  format: described(
    CODE_FORMAT,
    'show each change in the language of the repository as well: terraform, cdk, cloudformation or cli; default: what the files of the current folder tell',
  ),
} as const satisfies Options

export const DESCRIPTION: Description = {
  name: 'comment',
  usage: [['rolemedic comment [FILE|-] [--format F]', '']],
  about: ['Prints one Markdown comment. If FILE contains no denial, prints nothing and exits with code 3.'],
  operands: [['FILE', 'the output of rolemedic diagnose --json; default: standard input']],
  subcommands: [],
  options: OPTIONS,
  examples: [
    {
      run: 'rolemedic diagnose --log build.log --json | rolemedic comment',
      about: 'from a log to a comment',
      notRun: null,
    },
  ],
  exitCodes: EXIT_CODES,
  outputs: [],
}

export async function run(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parseArguments(args, OPTIONS, 'rolemedic comment --help')
  if (values.help) {
    io.out(helpText(DESCRIPTION))
    return 0
  }
  if (positionals.length > 1) throw new UsageError(`comment takes one FILE, not ${positionals.length}`)
  const [file = '-'] = positionals
  const given = await readGiven(file, io)
  const diagnoses = parseDiagnoses(given.text, inputName(given))
  if (diagnoses.length === 0) {
    io.err(oneLine('no denial to comment on'))
    return 3
  }
  io.out(commentText(diagnoses, { format: values.format ?? (await repositoryFormat(io)) }))
  return 0
}
