/** `docs/cli.md`, the reference of all commands, and the manual page, from the descriptions of the commands. */
import { type Documented, EXIT_CODES, optionForm } from '../cli/command.ts'
import { allCommands } from '../cli/commands.ts'
import { OUTPUT_NAMES, OUTPUTS } from '../cli/outputs/outputs.ts'

const COMPATIBILITY = `## JSON outputs and compatibility

\`rolemedic schema NAME\` prints the JSON Schema of an output; the same files are in [\`schemas/\`](../schemas) and in the package, and \`dist/outputs.d.ts\` declares their types.

| output | version | of |
| --- | --- | --- |
${OUTPUT_NAMES.map(name => `| [\`${name}\`](../schemas/${name}.json) | ${OUTPUTS[name].version} | ${code(OUTPUTS[name].about)} |`).join('\n')}

The version of the package follows [semantic versioning](https://semver.org). Within a major version:

- Commands, options and exit codes keep their meaning. New ones may be added.
- An output keeps its members, their types and their meaning. New members may be added, so a reader ignores what it does not know. New values may be added to a cause, a reason, an id of a guardrail or a kind of record, so a reader has a case for others.
- A change that breaks readers raises the number in \`schema\`, such as \`rolemedic.diagnosis/2\`, and comes with a major version. \`docs/upgrade.md\` tells how to adapt.
- Text for people (without \`--json\`) and the sentences in \`summary\`, \`finding\`, \`why\`, \`message\` and \`detail\` may change at any time: decide by \`cause\`, \`verdict\`, \`code\` and \`id\`.
- The audit log is read in every version that ever wrote it.
`

export async function referencePage(): Promise<string> {
  const commands = await allCommands()
  return `<!-- Made by npm run reference from the descriptions of the commands. -->

# Command line

Plain text for people, \`--json\` for programs. The result goes to standard output, everything else to standard error. Colours appear on a terminal only; \`NO_COLOR\` switches them off, \`FORCE_COLOR\` on. A name that is nearly right gets a suggestion. Where the name of a file stands, \`-\` is standard input; \`mcp\`, and \`--account\` and \`--org\` of \`start\`, take files only.

${commands.map(({ description, summary }) => `- [\`${description.name}\`](#${description.name}): ${summary}`).join('\n')}
- [JSON outputs and compatibility](#json-outputs-and-compatibility)

${commands.map(section).join('\n')}
${COMPATIBILITY}`
}

const exitsText = (exits: typeof EXIT_CODES): string => exits.map(([number, text]) => `${number} ${text}`).join(', ')

function section({ description, summary }: Documented): string {
  const { name, usage, about, operands, options, examples, exitCodes, outputs } = description
  const rows = [
    ...operands.map(([operand, text]) => [operand, text] as const),
    ...Object.entries(options).map(([option, one]) => [optionForm(option, one), one.about] as const),
  ]
  const comment = (text: string) => `# ${text}`
  return [
    `## ${name}`,
    `${summary[0]?.toUpperCase()}${summary.slice(1)}.`,
    `\`\`\`text\n${usage.map(([form, text]) => (text === '' ? form : `${form}    ${text}`)).join('\n')}\n\`\`\``,
    ...about.map(code),
    rows.length === 0
      ? ''
      : `| | |\n| --- | --- |\n${rows.map(([left, right]) => `| \`${cell(left)}\` | ${cell(code(right))} |`).join('\n')}`,
    examples.length === 0
      ? ''
      : `\`\`\`sh\n${examples.map(one => `${comment(one.about)}${one.notRun === null ? '' : ` (not run by the tests: ${one.notRun})`}\n${one.run}`).join('\n\n')}\n\`\`\``,
    `Exit codes: ${exitsText(exitCodes)}.`,
    outputs.length === 0 ? '' : `JSON: ${outputs.map(one => `[\`${one}\`](../schemas/${one}.json)`).join(', ')}.`,
  ]
    .filter(part => part !== '')
    .map(part => `${part}\n`)
    .join('\n')
}

const cell = (text: string): string => text.replaceAll('|', '\\|')

/** Formats commands and options of the plain help as code. */
function code(text: string): string {
  return text
    .replaceAll(/"((?:rolemedic|source) [^"]+)"/g, '`$1`')
    .replaceAll(/(?<![\w`/-])--[a-z-]+(?![\w`])/g, '`$&`')
    .replaceAll(/\.rolemedic\/audit|rolemedic\.config\.json/g, '`$&`')
    .replaceAll(/^(rolemedic [a-z]+(?:-[a-z]+)?(?: [a-z]+)?) `(--json)`/g, '`$1 $2`')
    .replaceAll(/(`[^`]*`)|</g, (_, span?: string) => span ?? '&lt;')
}

/** https://man7.org/linux/man-pages/man7/man-pages.7.html */
export async function manualPage(version: string): Promise<string> {
  const commands = await allCommands()
  const parts = commands.map(({ description: { usage, about, operands, options, examples, exitCodes }, summary }) => {
    const rows = [
      ...operands,
      ...Object.entries(options).map(([name, one]) => [optionForm(name, one), one.about] as const),
    ]
    return [
      `.SS "${roff(usage[0]?.[0] ?? '')}"`,
      ...usage.slice(1).map(([form]) => `.br\n.B ${roff(form)}`),
      ...(usage.length > 1 ? ['.PP'] : []),
      roff(`${summary[0]?.toUpperCase()}${summary.slice(1)}.`),
      ...about.map(text => `.PP\n${roff(text)}`),
      ...rows.map(([left, right]) => `.TP\n.B ${roff(left)}\n${roff(right)}`),
      ...(examples.length === 0
        ? []
        : [`.PP\nExamples:\n.PP\n.nf\n${examples.map(one => roff(one.run)).join('\n')}\n.fi`]),
      ...(exitCodes === EXIT_CODES ? [] : [`.PP\n${roff(`Exit codes: ${exitsText(exitCodes)}.`)}`]),
    ].join('\n')
  })
  return `.TH ROLEMEDIC 1 "" "rolemedic ${version}" "User Commands"
.SH NAME
rolemedic \\- explains denied iam:PassRole and sts:AssumeRole calls on AWS
.SH SYNOPSIS
.B rolemedic
.I command
[options]
.SH COMMANDS
${parts.join('\n')}
.SH ENVIRONMENT
.TP
.B NO_COLOR
No colours.
.TP
.B FORCE_COLOR
Colours also without a terminal.
.SH EXIT STATUS
${roff(exitsText(EXIT_CODES))}, unless a command says otherwise.
`
}

/** A line that starts with a dot or an apostrophe is a roff request. */
const roff = (text: string): string =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/, '\\&$1')
    .replaceAll('…', '...')
