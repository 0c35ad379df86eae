/** What `diagnose --json` printed, as Markdown for a pull request or merge request. */
import { UsageError } from '../../functions/domain/base/errors.ts'
import { commentText } from '../comment/comment-text.ts'
import { saidDiagnoses } from '../comment/read-diagnoses.ts'
import { type Io, oneLine } from '../io.ts'
import { parsedArguments } from '../parsed-arguments.ts'

const HELP = `rolemedic comment [FILE|-]

  FILE   what rolemedic diagnose --json printed; standard input without it

Prints one Markdown comment. Exit code 3, and nothing printed, where FILE holds no denial.
`

export async function run(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parsedArguments(args, {}, 'rolemedic comment --help')
  if (values.help === true) {
    io.out(HELP)
    return 0
  }
  if (positionals.length > 1) throw new UsageError(`comment takes one FILE, not ${positionals.length}`)
  const [file = '-'] = positionals
  const text = file === '-' ? await io.readStdin() : await io.readFile(file)
  const diagnoses = saidDiagnoses(text, file === '-' ? 'standard input' : file)
  if (diagnoses.length === 0) {
    io.err(oneLine('no denial to comment on'))
    return 3
  }
  io.out(commentText(diagnoses))
  return 0
}
