/** One step of a CI job: explains a failed log or a planned deploy in the job's summary and in the pull request. */
import { ciStep, ciStepOf, readComment, readNotify } from '../ci/step.ts'
import type { Options } from '../command.ts'
import { defineCommand } from '../define-command.ts'
import { ACCOUNT, AS, CODE_FORMAT, CONFIG, described, LIVE, LOG, ORG, REGION } from '../options.ts'

const OPTIONS = {
  log: described(LOG, 'the log of the step that failed; without a denial in it, nothing happens; - is standard input'),
  preflight: {
    type: 'string',
    multiple: true,
    value: 'PATH',
    about: 'a template, a cdk.out folder or a plan that is to be deployed (repeatable)',
  },
  as: described(AS, 'with --preflight: who deploys'),
  account: ACCOUNT,
  org: ORG,
  config: CONFIG,
  live: described(LIVE, 'read IAM with the credentials of the job; if that fails, explain from the text'),
  region: described(REGION, 'the Region'),
  format: CODE_FORMAT,
  job: {
    type: 'string',
    value: 'NAME',
    about: 'which one of the jobs of a matrix this is: each has a comment of its own',
  },
  comment: {
    type: 'string',
    value: 'WHETHER',
    values: ['true', 'false'],
    about: 'comment on the pull request; default true',
    read: readComment,
  },
  notify: {
    type: 'string',
    value: 'WHETHER',
    values: ['true', 'false'],
    about: 'send the denials of --log to the bot, with the credentials of the job; default false',
    read: readNotify,
  },
} as const satisfies Options

export const ciCommand = defineCommand({
  name: 'ci',
  usage: [
    ['rolemedic ci --log FILE [options]', 'explains a step that failed'],
    ['rolemedic ci --preflight PATH [options]', 'shows what a deploy will be denied'],
  ],
  about: [
    'Writes the summary and the outputs of a job of GitHub Actions (denials, comment, preflight), and one comment of this job on its pull request or on the merge request of GitLab, which its next run updates. Needs GITHUB_TOKEN, or ROLEMEDIC_COMMENT_TOKEN on GitLab. Without a CI system it prints the comment.',
  ],
  operands: [],
  subcommands: [],
  options: OPTIONS,
  examples: [
    { run: 'rolemedic ci --log build.log --account account.json', about: 'what the comment would be', notRun: null },
    { run: 'rolemedic ci --log step.log --live', about: 'in a job', notRun: 'needs AWS credentials' },
  ],
  exitCodes: [
    [0, 'explained, or nothing is ours'],
    [1, 'with --preflight: something is denied or unknown'],
    [2, 'usage or unreadable input'],
  ],
  outputs: [],
  takes: 0,
  ask: ({ values: { help, ...values } }) => ciStepOf(values),
  answer: ciStep,
})
