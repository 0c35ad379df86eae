/** Whose passkeys count: enrolls, lists and removes them with AWS credentials. */
import { neutralText, never, UsageError } from '../../../core/base/index.ts'
import type { Options } from '../../command.ts'
import { defineCommand } from '../../define-command.ts'
import { jsonText } from '../../json-text.ts'
import { HUB_PROFILE, HUB_REGION, JSON_FORM } from '../../options.ts'
import type { PasskeysOutput } from '../../outputs/operate/passkeys.ts'

const OPTIONS = {
  credential: { type: 'string', value: 'C', about: 'remove: which one, as list shows it' },
  words: {
    type: 'string',
    value: 'WORDS',
    about: 'enroll: what the person reads to you from their page, like 1a2b-3c4d-…',
  },
  identity: {
    type: 'string',
    value: 'P',
    about:
      'the AWS profile that says who you are, in the account of the hub, where others share the role of --profile: a session of Identity Center, or a user (default: --profile)',
  },
  profile: HUB_PROFILE,
  region: HUB_REGION,
  json: JSON_FORM,
} as const satisfies Options

type Question = {
  readonly profile: string | null
  readonly region: string | null
  readonly identity: string | null
} & (
  | { readonly what: 'enroll'; readonly request: string; readonly words: string }
  | { readonly what: 'remove'; readonly userId: string; readonly credential: string }
  | { readonly what: 'list'; readonly json: boolean }
)

export const passkeysCommand = defineCommand({
  name: 'passkeys',
  usage: [
    ['rolemedic passkeys enroll CODE --words WORDS [--profile P] [--region R]', 'this passkey is that person’s'],
    ['rolemedic passkeys list [--json] [--profile P] [--region R]', 'whose passkeys there are'],
    ['rolemedic passkeys remove USER --credential C [--profile P] [--region R]', 'nothing more is approved with it'],
  ],
  about: [
    'Says whose passkey it is, in your name: the function rolemedic-enroll asks AWS who you are. The person opens https://HOST/enroll, makes a passkey, gives you the code, and reads you its words, by voice or in person. enroll confirms nothing where the words are others than those of the code.',
    'Two administrators count at once, one alone or two approvers after a day; until two people have a passkey, two administrators have to confirm each. Each change is announced in the channel. docs/passkeys.md says more.',
    'It needs lambda:InvokeFunction on rolemedic-enroll, in the account of the hub: the role platform-operates-rolemedic may. All its sessions are one administrator, as the one who assumes it chooses the name: --identity says who you are.',
  ],
  operands: [
    ['CODE', 'enroll: what the page shows'],
    ['USER', 'remove: the Slack user'],
  ],
  subcommands: ['enroll', 'list', 'remove'],
  options: OPTIONS,
  examples: [
    {
      run: 'rolemedic passkeys enroll eyJyZXF1ZXN0Ijp7fX0 --words 1a2b-3c4d-5e6f-7a8b-9c0d-1e2f --profile hub-operator',
      about: 'confirms the passkey of a person who read you these words',
      notRun: 'needs AWS credentials',
    },
    { run: 'rolemedic passkeys list --json', about: 'for config check --enrolled', notRun: 'needs AWS credentials' },
    {
      run: 'rolemedic passkeys remove U0ONCALL1 --credential 0f0e0d0c0b0a09080706050403020100',
      about: 'after a device was lost',
      notRun: 'needs AWS credentials',
    },
  ],
  exitCodes: [
    [0, 'done'],
    [2, 'usage, no AWS credentials, or it was refused'],
  ],
  outputs: ['passkeys'],
  takes: 2,
  noInput: null,
  ask({ values: { words, credential, identity, profile, region, json }, positionals: [what, operand] }): Question {
    const place = { profile, region, identity }
    if (what === 'list' && operand === undefined) return { what, json, ...place }
    if (what === 'enroll' && operand !== undefined) {
      if (words === null) throw new UsageError('passkeys enroll needs --words: what the person reads to you')
      return { what, request: operand, words: words.trim().toLowerCase(), ...place }
    }
    if (what === 'remove' && operand !== undefined) {
      if (credential === null) throw new UsageError('passkeys remove needs --credential: passkeys list shows it')
      return { what, userId: operand, credential, ...place }
    }
    throw new UsageError('passkeys takes "enroll CODE", "list" or "remove USER"')
  },
  async answer(question, io) {
    const [{ enrollPasskey, listPasskeys, removePasskey, requireWords }, { liveEnroll }] = await Promise.all([
      import('../../use-cases/operate/passkeys.ts'),
      import('../../live/hub/enroll-function.ts'),
    ])
    const enroll = liveEnroll(question, io)
    switch (question.what) {
      case 'enroll':
        requireWords(question.request, question.words)
        io.out(`${neutralText(await enrollPasskey(question.request, enroll))}\n`)
        return 0
      case 'remove':
        io.out(`${neutralText(await removePasskey(question.userId, question.credential, enroll))}\n`)
        return 0
      case 'list': {
        const output = await listPasskeys(enroll)
        question.json ? io.data(`${jsonText(output, 2)}\n`) : io.out(textOf(output))
        return 0
      }
      default:
        return never(question)
    }
  },
})

function textOf({ passkeys, groups }: PasskeysOutput): string {
  const lines = [
    ...(passkeys.length === 0 ? ['Nobody has enrolled a passkey.'] : []),
    ...passkeys.map(
      one =>
        `${one.userId} ${one.credential} ${one.isRemoved ? 'removed' : one.isSynced ? 'synced' : 'one device'} ${one.enrolled} by ${one.confirmedBy.join(', ')}`,
    ),
    ...groups.map(({ group, enrolled }) =>
      enrolled === null ? `${group}: cannot be read` : `${group}: ${enrolled.length} with a passkey`,
    ),
  ]
  return lines.map(line => `${neutralText(line)}\n`).join('')
}
