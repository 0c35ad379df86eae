import { randomBytes } from 'node:crypto'
import { UsageError } from '../../core/base/index.ts'
import type { Options } from '../command.ts'
import { defineCommand } from '../define-command.ts'
import { writeNewFiles } from '../files/new-files.ts'
import { type Io, oneLine } from '../io.ts'
import { FOLDER } from '../options.ts'
import type { InitGiven } from '../use-cases/init/questions.ts'

const OPTIONS = {
  region: { type: 'string', value: 'R', about: 'the Region that the bot runs in; default: the one of your shell' },
  'other-region': {
    type: 'string',
    multiple: true,
    value: 'R',
    about: 'a further Region to listen to (repeatable); the one with the events of IAM is added',
  },
  organization: { type: 'string', value: 'ID', about: 'the AWS organization; without it, one account' },
  'hub-account': { type: 'string', value: 'ID', about: 'with --organization: the account that the bot runs in' },
  channel: { type: 'string', value: 'ID', about: 'the Slack channel for cards, C…' },
  approver: {
    type: 'string',
    multiple: true,
    value: 'ID',
    about: 'a person (U…) or user group (S…) that may approve (repeatable)',
  },
  mode: {
    type: 'string',
    value: 'MODE',
    values: ['observe', 'recommend', 'approve'],
    about: 'what rolemedic may do; default observe',
  },
  'slack-app': {
    type: 'string',
    value: 'ID',
    about: 'the Slack app, A…; default: the id of the sample, to be replaced',
  },
  'slack-team': { type: 'string', value: 'ID', about: 'the Slack workspace, T…' },
  'writer-external-id': {
    type: 'string',
    value: 'TEXT',
    about: 'needed to assume the writer role; default: the one in the file that is replaced, or a random one',
  },
  terraform: {
    type: 'boolean',
    about: 'write the variables of the Terraform module instead of the settings for the CDK',
  },
  'code-bucket': { type: 'string', value: 'NAME', about: 'with --terraform: an existing bucket for the code' },
  folder: FOLDER,
  force: { type: 'boolean', about: 'replace files that exist' },
  'slack-url': {
    type: 'string',
    value: 'URL',
    about: 'print only the manifest of the Slack app, with the SlackUrl that the deployment printed',
  },
} as const satisfies Options

type Question =
  | { readonly what: 'manifest'; readonly url: string; readonly region: string }
  | {
      readonly what: 'files'
      readonly given: Omit<InitGiven, 'writerExternalId'>
      readonly externalId: string | null
      readonly folder: string
      readonly force: boolean
    }

export const initCommand = defineCommand({
  name: 'init',
  usage: [
    ['rolemedic init [options]', 'asks for what no option gives'],
    ['rolemedic init --slack-url URL', 'the manifest, once the address is known'],
  ],
  about: [
    'Writes rolemedic.config.json (who may approve, where cards go) and rolemedic.deploy.json (what is deployed where), or with --terraform rolemedic.tf, checks every id in them, and prints the manifest of the Slack app and the next command. It asks nothing of AWS or Slack, replaces no file without --force, and writes both files or none.',
    'In a terminal it asks for what is missing; without one, the missing options are an error.',
  ],
  operands: [],
  subcommands: [],
  options: OPTIONS,
  examples: [
    {
      run: 'rolemedic init --region eu-west-1 --channel C04RELEASES --approver U02ANNA7K --folder deployment',
      about: 'one account, for the CDK',
      notRun: null,
    },
    {
      run: 'rolemedic init --terraform --code-bucket example-code --region eu-west-1 --organization o-a1b2c3d4e5 --hub-account 222233334444 --channel C04RELEASES --approver S05ONCALL --folder terraform',
      about: 'an organization, for Terraform',
      notRun: null,
    },
  ],
  exitCodes: [
    [0, 'written'],
    [2, 'an id is wrong or missing, or a file exists: nothing was written'],
  ],
  outputs: [],
  takes: 0,
  ask({ values }): Question {
    const { region, channel, mode, terraform, organization, force } = values
    const url = values['slack-url']
    if (url !== null) {
      if (!/^https:\/\/[\w.:-]{1,200}\/slack$/.test(url))
        throw new UsageError(`--slack-url is the SlackUrl that the deployment printed, https://…/slack, not "${url}"`)
      return { what: 'manifest', url, region: region ?? '' }
    }
    if (values['code-bucket'] !== null && !terraform) throw new UsageError('--code-bucket goes with --terraform')
    if (values['hub-account'] !== null && organization === null)
      throw new UsageError('--hub-account goes with --organization')
    const given = {
      ...{ region, channel, mode, terraform, organization },
      otherRegions: values['other-region'],
      hubAccount: values['hub-account'],
      approvers: values.approver,
      slackApp: values['slack-app'],
      slackTeam: values['slack-team'],
      codeBucket: values['code-bucket'],
    }
    return { what: 'files', given, externalId: values['writer-external-id'], folder: values.folder ?? '.', force }
  },
  async answer(question, io) {
    const { slackManifest } = await import('../use-cases/chat/slack-manifest.ts')
    if (question.what === 'manifest') {
      io.data(await slackManifest(question))
      return 0
    }
    const { answersTo, externalIdIn, plannedFiles } = await import('../use-cases/init/questions.ts')
    const regionOfShell = io.env['AWS_REGION'] ?? io.env['AWS_DEFAULT_REGION'] ?? null
    const writerExternalId =
      question.externalId ?? (question.force ? await externalIdIn(question.folder) : null) ?? randomExternalId()
    const answers = await answersTo({ ...question.given, writerExternalId }, io.ask, regionOfShell)
    const { files, next } = plannedFiles(answers, question.folder)
    const manifest = await slackManifest({ region: answers.region, url: null })
    await writeNewFiles(question.folder, files, question.force)
    printNext(
      files.map(({ name }) => name),
      question.folder,
      next,
      io,
    )
    io.data(manifest)
    return 0
  },
})

/** On standard error: standard output is the manifest alone. */
function printNext(
  names: readonly string[],
  folder: string,
  next: readonly (readonly [string, string])[],
  io: Io,
): void {
  io.err(oneLine(`wrote ${names.join(' and ')} in ${folder}; the manifest of the Slack app is below`))
  for (const [command, what] of next) io.err(`  ${command}\n    ${what}`)
}

/** Not secret, and not guessed by accident. */
const randomExternalId = (): string =>
  `rolemedic-${randomBytes(6)
    .toString('hex')
    .replace(/(.{4})(?=.)/g, '$1-')}`
