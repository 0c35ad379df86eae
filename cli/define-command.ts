/** Defines a command: its options and operands become a question, which a use case answers. */
import { UsageError } from '../core/base/index.ts'
import { type Command, type Description, helpText, type Options } from './command.ts'
import { type Io, missingInput } from './io.ts'
import { type ParsedArguments, parseArguments, withHint } from './parse-arguments.ts'

type Definition<O extends Options, Question> = Omit<Description, 'options'> & {
  readonly options: O
  /**
   * The error if the command is called without arguments, because a script may have an empty variable. Null: shows the help.
   * Absent: no arguments are valid.
   */
  readonly noInput?: string | null
  /** Without an operand it reads standard input, unless that is a terminal. */
  readonly readsStdin?: true
  /** How many operands there may be, with a subcommand. */
  readonly takes: number
  /** Throws UsageError, to which a pointer to the help is added. */
  readonly ask: (given: ParsedArguments<O>) => Question
  /** Calls the use case, prints its answer, and returns the exit code. */
  readonly answer: (question: Question, io: Io) => Promise<number>
}

export function defineCommand<const O extends Options, Question>({
  noInput,
  readsStdin,
  takes,
  ask,
  answer,
  ...description
}: Definition<O, Question>): Command {
  const help = `rolemedic ${description.name} --help`
  return {
    description,
    async run(args, io) {
      const isAlone = args.length === 0 && (readsStdin !== true || io.stdinIsTerminal)
      if (typeof noInput === 'string' && isAlone) return missingInput(noInput, helpText(description), io)
      const given = parseArguments(args, description.options, help)
      if (given.values.help || (noInput === null && args.length === 0)) {
        io.out(helpText(description))
        return 0
      }
      const question = withHint(help, () => {
        if (given.positionals.length > takes) throw new UsageError(tooMany(description, given.positionals))
        return ask(given)
      })
      return answer(question, io)
    },
  }
}

const tooMany = (
  { name, operands }: Pick<Description, 'name' | 'operands'>,
  [given = '']: readonly string[],
): string =>
  operands.length === 0
    ? `${name} takes no "${given}"`
    : `${name} takes one ${operands.map(([operand]) => operand).join(' and one ')}`
