/** The output of `diagnose --json` as Markdown for a pull request or merge request. */
import { EXIT_CODES, type Options } from '../command.ts'
import { defineCommand } from '../define-command.ts'
import { commentText } from '../formats/comment/comment-text.ts'
import { oneLine, readGiven } from '../io.ts'
import { CODE_FORMAT, described } from '../options.ts'
import { commentOn } from '../use-cases/comment/comment.ts'

const OPTIONS = {
  format: described(
    CODE_FORMAT,
    'show each change in the language of the repository as well: terraform, cdk, cloudformation or cli; default: what the files of the current folder tell',
  ),
} as const satisfies Options

export const commentCommand = defineCommand({
  name: 'comment',
  usage: [['rolemedic comment [FILE|-] [--format F]', '']],
  about: ['Prints one Markdown comment. If FILE contains no denial and no hint, prints nothing and exits with code 3.'],
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
  takes: 1,
  ask: ({ values: { format }, positionals: [file = '-'] }) => ({ file, format }),
  async answer({ file, format }, io) {
    const shown = await commentOn({ given: await readGiven(file, io), format }, io)
    if (shown.diagnoses.length + shown.hints.length === 0) {
      io.err(oneLine('no denial to comment on'))
      return 3
    }
    io.out(commentText(shown.diagnoses, shown))
    return 0
  },
})
