import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { configCommand } from '../../../cli/commands/config.ts'
import { type Io, streamsTo } from '../../../cli/io.ts'
import {
  configWarnings,
  parseBotConfig,
  parseConfig,
  parseDeployedConfig,
} from '../../../functions/domain/config/check-config.ts'
import { configJsonSchema } from '../../../functions/domain/config/config-json-schema.ts'
import { SAMPLE_IDS } from '../../../functions/domain/config/sample-ids.ts'

const file = (name: string) => readFileSync(new URL(`../../../${name}`, import.meta.url), 'utf8')
const errorsOf = (value: unknown) => {
  const parsed = parseConfig(typeof value === 'string' ? value : JSON.stringify(value))
  return parsed.ok ? [] : parsed.error
}

const REPOSITORY = { host: 'github.com', repository: 'acme/orders', branch: 'main', kind: 'terraform' }

describe('the configuration', () => {
  it('names repositories on hosts that are known, or that it names too', () => {
    const own = { ...REPOSITORY, host: 'git.acme.example', tags: { git_repo: 'orders' } }
    const config = { repositories: [REPOSITORY, own], codeHosts: { 'git.acme.example': { kind: 'gitlab' } } }
    expect(errorsOf(config)).toEqual([])
  })

  it('warns of an entry that takes everything before others', () => {
    const parsed = parseConfig(
      JSON.stringify({ mode: 'approve', repositories: [REPOSITORY, REPOSITORY], approvers: { groups: ['S0X1'] } }),
    )
    expect(parsed.ok && configWarnings(parsed.value)).toEqual([
      'repositories[0]: it fits everything, so that no entry after it is ever taken',
    ])
  })

  it('has defaults for everything but the channel', () => {
    const parsed = parseConfig('{}')
    expect(parsed.ok && parsed.value).toMatchObject({ approvalExpiryHours: 8, patchLikely: false, protected: [] })
    expect(parsed.ok && 'channel' in parsed.value).toBe(false)
    expect(parsed.ok && configWarnings(parsed.value)).toEqual([
      'mode: none is set, so rolemedic observes: it posts no cards where no account or unit sets another',
      'approvers: nobody may approve; name users or groups',
    ])
  })

  it('warns of an approver who is alone', () => {
    const alone = 'approvers: with only one approver, nothing that needs two approvals can be approved'
    const warningsOf = (approvers: object) => {
      const parsed = parseConfig(JSON.stringify({ mode: 'approve', approvers }))
      return parsed.ok ? configWarnings(parsed.value) : []
    }
    expect(warningsOf({ users: ['U0ANN'] })).toEqual([alone])
    expect(warningsOf({ users: ['U0ANN', 'U0BEN'] })).toEqual([])
    expect(warningsOf({ users: ['U0ANN'], groups: ['S0OPS'] })).toEqual([])
  })

  it('says of an account who may approve there', () => {
    const parsed = parseConfig(
      JSON.stringify({ mode: 'approve', accounts: { '111122223333': { approvers: { users: ['U0ANN'] } } } }),
    )
    expect(parsed.ok && configWarnings(parsed.value)).toEqual([])
  })

  it('warns where nothing is left to approve with', () => {
    const config = { mode: 'approve', approvers: { groups: ['S0X1'] }, limitedGrantHours: null }
    const parsed = parseConfig(JSON.stringify({ ...config, grants: { permanent: { people: 'never' } } }))
    expect(parsed.ok && configWarnings(parsed.value)).toEqual([
      'grants.permanent: "never" and limitedGrantHours null together leave nothing to approve',
    ])
  })

  it('names a person by user or by session, and by a provider only the session', () => {
    const provider = 'arn:aws:iam::111122223333:saml-provider/okta'
    const complaintOf = (names: object) => errorsOf({ people: [{ slack: 'U0ANN', ...names }] })
    expect(complaintOf({ user: 'ann' })).toEqual([])
    expect(complaintOf({ session: 'ann' })).toEqual([])
    expect(complaintOf({ session: 'ann', provider })).toEqual([])
    expect(complaintOf({})).toEqual(['people[0]: exactly one of user, session and subject'])
    expect(complaintOf({ user: 'ann', session: 'ann' })).toEqual([
      'people[0]: exactly one of user, session and subject',
    ])
    expect(complaintOf({ user: 'ann', provider })).toEqual(['people[0]: a provider names sessions, not users'])
    const issuer = 'arn:aws:iam::111122223333:oidc-provider/login.example.com/tenant'
    expect(complaintOf({ subject: '00u1', provider: issuer })).toEqual([])
    expect(complaintOf({ subject: 'ann@example.com', provider })).toEqual([])
    expect(complaintOf({ session: 'ann', provider: issuer })).toEqual([
      'people[0]: who signs in with OpenID Connect chooses the session: name the subject',
    ])
    const whole = ['people[0]: a subject needs the whole ARN of its provider, which has the account']
    expect(complaintOf({ subject: '00u1' })).toEqual(whole)
    expect(complaintOf({ subject: '00u1', provider: 'arn:aws:iam::*:saml-provider/okta' })).toEqual(whole)
    expect(complaintOf({ subject: '00u1', provider, account: '111122223333' })).toEqual(whole)
    const builds = 'arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com'
    expect(complaintOf({ subject: 'repo:acme/orders:ref:refs/heads/main', provider: builds })).toEqual([
      'people[0]: this provider signs in builds, which are nobody',
    ])
  })

  it('of the sample has its approvers, both accounts and the approved role set', () => {
    const parsed = parseConfig(file('rolemedic.config.json'))
    expect(parsed.ok && parsed.value.approvers.users).toEqual(['U0ONCALL1', 'U0ONCALL2', 'U0ONCALL3'])
    expect(parsed.ok && Object.keys(parsed.value.accounts)).toEqual(['111122223333', '444455556666'])
    expect(parsed.ok && parsed.value.approvedRoleSets[0]).toMatchObject({
      pattern: 'arn:aws:iam::111122223333:role/EC2-roles-for-XYZ-*',
      services: ['ec2.amazonaws.com'],
    })
    expect(parsed.ok && configWarnings(parsed.value)).toEqual([])
  })

  it.each([
    [
      { repositories: [{ ...REPOSITORY, acount: '111122223333' }] },
      'repositories[0].acount: unknown key; did you mean "account"?',
    ],
    [
      { repositories: [{ ...REPOSITORY, host: 'https://github.com' }] },
      'repositories[0].host: the name of a host in lower case, like github.com, without https:// and port, got "https://github.com"',
    ],
    [
      { repositories: [{ ...REPOSITORY, repository: 'orders' }] },
      'repositories[0].repository: a repository is like acme/orders, without host and .git, got "orders"',
    ],
    [
      { repositories: [{ ...REPOSITORY, branch: 'rolemedic/x' }] },
      'repositories[0].branch: branches below rolemedic/ are those of the pull requests, got "rolemedic/x"',
    ],
    [
      { repositories: [{ ...REPOSITORY, branch: 'refs/heads/main' }] },
      'repositories[0].branch: the name of a branch, like main, without refs/heads/, got "refs/heads/main"',
    ],
    [
      { repositories: [{ ...REPOSITORY, paths: ['../secrets/**'] }] },
      'repositories[0].paths[0]: a path within the repository: no .., got "../secrets/**"',
    ],
    [
      { repositories: [{ ...REPOSITORY, kind: 'cdk' }] },
      'repositories[0].kind: a kind is terraform, cloudformation, sam, cdk-typescript, cdk-python, got "cdk"',
    ],
    [
      { repositories: [{ ...REPOSITORY, host: 'git.acme.example' }] },
      'repositories[0].host: add git.acme.example to codeHosts, with its kind: github or gitlab',
    ],
    [
      { codeHosts: { 'git.acme.example': { kind: 'github', apiUrl: 'http://git.acme.example/api/v3' } } },
      'codeHosts.git.acme.example.apiUrl: the address of the API, like https://git.example.com/api/v3, without / last, got "http://git.acme.example/api/v3"',
    ],
    [{ bridgeHours: 0 }, 'bridgeHours: Too small: expected number to be >=1, got 0'],
    [{ approver: {} }, 'approver: unknown key; did you mean "approvers"?'],
    [
      { breakGlass: { grup: 'S0X', group: 'S0X', announceChannel: 'C0X' } },
      'breakGlass.grup: unknown key; did you mean "group"?',
    ],
    [
      { accounts: { '111122223333': { chanel: 'C0X' } } },
      'accounts.111122223333.chanel: unknown key; did you mean "channel"?',
    ],
    [{ secondOpinion: { simulator: true } }, 'secondOpinion.simulator: unknown key'],
    [{ accounts: { '12': {} } }, 'accounts.12: an account id has 12 digits'],
    [{ approversPath: 'on-call' }, 'approversPath: an IAM path, like /on-call/, got "on-call"'],
    // IAM treats these as a wildcard and a variable, the guardrail as literal characters.
    [{ approversPath: '/on-*/' }, 'approversPath: an IAM path, like /on-call/, got "/on-*/"'],
    [{ approversPath: '/${aws:x}/' }, 'approversPath: an IAM path, like /on-call/, got "/${aws:x}/"'],
    [
      { approvers: { users: ['ana'] } },
      'approvers.users[0]: a Slack user id starts with U or W, like U0ONCALL1, got "ana"',
    ],
    [
      {
        approvedRoleSets: [{ name: 'x', pattern: 'arn:aws:iam::111122223333:role/*', services: ['ec2.amazonaws.com'] }],
      },
      'approvedRoleSets[0].pattern: a role ARN, with at most one * and that at its end, got "arn:aws:iam::111122223333:role/*"',
    ],
    [
      { protected: ['role/break-glass'] },
      'protected[0]: a glob over whole ARNs, like arn:aws:iam::*:role/break-glass*, or like *break-glass* and without a colon, got "role/break-glass"',
    ],
    [
      { machineUsers: ['ARN:aws:iam::*:user/ci-*'] },
      'machineUsers[0]: a glob over whole ARNs, like arn:aws:iam::*:role/break-glass*, got "ARN:aws:iam::*:user/ci-*"',
    ],
    [[], '(the file): Invalid input: expected object, received array'],
  ])('explains %j', (value, error) => {
    expect(errorsOf(value)).toEqual([error])
  })

  it.each([
    'arn:aws:iam*',
    'arn:aws:*',
    'arn:aws:iam::*:*break-glass*',
    'arn:aws:iam::*:break-glass',
    'arn:aws:sts::*:assumed-role/break-glass/*',
    'arn:aws:iam::*:role/${aws:username}',
    '*:role/break-glass',
  ])('refuses to protect %s, which is no valid resource in IAM', glob => {
    expect(errorsOf({ protected: [glob] })).toEqual([expect.stringMatching(/^protected\[0\]: a glob over whole ARNs/)])
  })

  it.each([
    'arn:aws:iam::*:role/break-glass*',
    'arn:*:iam::111122223333:user/*',
    'arn:aws:iam::*:*',
    'arn:aws:iam::*:policy/guard',
    'arn:aws:sso:::permissionSet/ssoins-7223/ps-1a2b',
    '*break-glass*',
    '*/admin',
  ])('accepts %s as protected', glob => {
    expect(errorsOf({ protected: [glob] })).toEqual([])
  })

  it('refuses a pattern with a * in its middle, or two', () => {
    for (const pattern of ['a*b', 'a**', 'a?*'])
      expect(
        errorsOf({
          approvedRoleSets: [
            { name: 'x', pattern: `arn:aws:iam::111122223333:role/${pattern}`, services: ['ec2.amazonaws.com'] },
          ],
        }),
      ).toHaveLength(1)
  })

  it('refuses two role sets with the same name', () => {
    const set = { name: 'x', pattern: 'arn:aws:iam::111122223333:role/x-*', services: ['ec2.amazonaws.com'] }
    expect(errorsOf({ approvedRoleSets: [set, set] })).toEqual(['approvedRoleSets: two sets are named "x"'])
  })

  it('takes no key that is there twice, at any depth, as a person may have read the other', () => {
    const text = `{
  "mode": "observe",
  "accounts": { "111122223333": { "mode": "observe" }, "111122223333": { "mode": "approve" } },
	"mode": "approve"
}`
    expect(errorsOf(text)).toEqual([
      'line 3: "111122223333" is there twice: keep one',
      'line 4: "mode" is there twice: keep one',
    ])
    expect(errorsOf(`\uFEFF${text}`)).toEqual(errorsOf(text))
    expect(errorsOf('{ "mode": "observe", "accounts": { "111122223333": { "mode": "observe" } } }')).toEqual([])
    expect(errorsOf('\uFEFF{ "mode": "observe" }')).toEqual([])
  })

  it('is not nested so deeply that repeated keys are not looked for', () => {
    const deep = `{ "mode": "observe", "accounts": ${'['.repeat(300)}{ "a": 1, "a": 2 }${']'.repeat(300)} }`
    expect(errorsOf(deep)).toEqual([expect.stringContaining('cannot be searched for repeated keys')])
  })

  it.each(['{}', '{ "accounts": { "123456789012": { "channel": "C0SHOP" } } }'])(
    'of a bot names its channel, which has no default: %s',
    text => {
      const error = [
        'channel: name the Slack channel for cards, it has no default: its id is at the end of the details of the channel',
      ]
      expect(parseBotConfig(text)).toEqual({ ok: false, error })
      expect(parseDeployedConfig(text)).toEqual({ ok: false, error })
      expect(parseConfig(text)).toMatchObject({ ok: true })
    },
  )

  it('reports a file that is not JSON in one line', () => {
    expect(errorsOf('{ "approvers": ')).toEqual([expect.stringMatching(/^not JSON: [^\n]+$/)])
  })

  it('has an up-to-date schema in docs', () => {
    expect(file('docs/rolemedic.config.schema.json')).toBe(configJsonSchema())
  })
})

describe('ids of the sample', () => {
  const deployed = (json: object) => parseDeployedConfig(JSON.stringify(json))

  it('are an error wherever they are left', () => {
    expect(
      deployed({
        approvers: { users: ['U0ANNA', 'U0ONCALL2'] },
        viewers: { users: ['U0VISITOR'] },
        channel: 'C0DEPLOYS',
        accounts: { '444455556666': { approvers: { users: ['U0ONCALL1'] } } },
        approvedRoleSets: [
          { name: 'x', pattern: 'arn:aws:iam::111122223333:role/x-*', services: ['ec2.amazonaws.com'] },
        ],
      }),
    ).toEqual({
      ok: false,
      error: [
        'approvers.users[1]: U0ONCALL2 is an id of the sample configuration: replace it with yours, or remove it',
        'viewers.users[0]: U0VISITOR is an id of the sample configuration: replace it with yours, or remove it',
        'channel: C0DEPLOYS is an id of the sample configuration: replace it with yours, or remove it',
        'accounts.444455556666: 444455556666 is an id of the sample configuration: replace it with yours, or remove it',
        'accounts.444455556666.approvers.users[0]: U0ONCALL1 is an id of the sample configuration: replace it with yours, or remove it',
        'approvedRoleSets[0].pattern: 111122223333 is an id of the sample configuration: replace it with yours, or remove it',
      ],
    })
  })

  it('are an error too in a sample with one change', () => {
    const sample = JSON.parse(file('rolemedic.config.json'))
    const changed = deployed({ ...sample, channel: 'C0OURS' })
    expect(changed.ok ? [] : changed.error).toContainEqual(
      expect.stringMatching(/^approvers\.users\[0\]: U0ONCALL1 is/),
    )
  })

  it('are no error in the sample as it is shipped, wherever its schema is', () => {
    const sample = JSON.parse(file('rolemedic.config.json'))
    expect(parseDeployedConfig(file('rolemedic.config.json'))).toMatchObject({ ok: true, value: { isSample: true } })
    expect(deployed({ ...sample, $schema: 'schema.json' })).toMatchObject({ ok: true, value: { isSample: true } })
  })

  it('are all ids that the sample has', () => {
    const ids = file('rolemedic.config.json').match(/\b(?:[CUWSG]0[A-Z0-9]+|\d{12})\b/g)
    expect(new Set(ids)).toEqual(new Set(SAMPLE_IDS))
  })

  it('are found in whole, not inside of other ids', () => {
    expect(
      deployed({ approvers: { users: ['U0ONCALL10', 'U0ONCALL'] }, channel: 'C0DEPLOYS2', protected: ['*U0ONCALL1*'] }),
    ).toMatchObject({ ok: true, value: { isSample: false } })
  })

  it('do not matter to a bot on this machine, whose Slack has them', () => {
    expect(parseBotConfig('{ "approvers": { "users": ["U0ONCALL1"] }, "channel": "C0DEPLOYS" }')).toMatchObject({
      ok: true,
    })
  })
})

describe('config check', () => {
  async function check(text: string, ...args: string[]) {
    const out: string[] = []
    const err: string[] = []
    const io = {
      readFile: async () => text,
      ...streamsTo({ out: text => void out.push(text), err: line => void err.push(line) }),
    }
    const code = await configCommand.run(['check', ...args], io as unknown as Io)
    return { code, out: out.join(''), err }
  }

  it('prints the configuration with its defaults', async () => {
    const { code, out } = await check('{ "approvers": { "users": ["U0ANNA", "U0BEN"] }, "channel": "C0OURS" }')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ reminderMinutes: 30, secondOpinion: { accessAnalyzer: false } })
  })

  describe('of a file from before an upgrade', () => {
    const notesOf = async (given: object) => {
      const config = { mode: 'approve', approvers: { users: ['U0ANNA', 'U0BEN'] }, channel: 'C0OURS', ...given }
      return (await check(JSON.stringify(config))).err.map(line =>
        line.replace(/^rolemedic: rolemedic.config.json: /, ''),
      )
    }
    const set = { grants: { permanent: { people: 'always' } } }
    const PERMANENT =
      'note: grants.permanent: a grant without an end takes two approvers for people ("two-approvers"), and as many as its risk for machines ("always"). One alone approves for limitedGrantHours. Set "people" to say so, or to "always" to keep what earlier versions did'
    const glass = (hours: number) =>
      `note: breakGlass: a break-glass ends after ${hours} h and never stays, and at 8:00 UTC of the next morning the ordinary approvers are asked whether it was right. Set breakGlass.askAtHourUtc to say when`
    const breakGlass = { group: 'S0NIGHT', announceChannel: 'C0SECURITY' }

    it('says what takes two approvers now, until the file says it', async () => {
      expect(await notesOf({})).toEqual([PERMANENT])
      expect(await notesOf({ grants: { permanent: { machines: 'never' } } })).toEqual([PERMANENT])
      for (const people of ['always', 'two-approvers', 'never'])
        expect(await notesOf({ grants: { permanent: { people } } })).toEqual([])
    })

    it('says when a break-glass ends, and that it is asked about, until the file says when', async () => {
      expect(await notesOf({ ...set, breakGlass })).toEqual([glass(4)])
      expect(await notesOf({ ...set, breakGlass, limitedGrantHours: 2 })).toEqual([glass(2)])
      expect(await notesOf({ ...set, breakGlass, limitedGrantHours: null })).toEqual([glass(4)])
      expect(await notesOf({ ...set, breakGlass: { ...breakGlass, askAtHourUtc: 7 } })).toEqual([])
      expect(await notesOf({ ...set, breakGlass: null })).toEqual([])
    })

    it('says nothing of approvals where nobody can approve', async () => {
      for (const mode of ['observe', 'recommend']) expect(await notesOf({ mode, breakGlass })).toEqual([])
      const account = { mode: 'observe', accounts: { '123456789012': { mode: 'approve' } } }
      expect(await notesOf(account)).toEqual([PERMANENT])
      const unit = { mode: 'observe', organizationalUnits: { 'ou-ab12-cdef3456': { mode: 'approve' } } }
      expect(await notesOf(unit)).toEqual([PERMANENT])
      expect(await notesOf({ mode: undefined })).toEqual([
        'warning: mode: none is set, so rolemedic observes: it posts no cards where no account or unit sets another',
        PERMANENT,
      ])
    })
  })

  it('exits with 1 and each error on its own line', async () => {
    const { code, out, err } = await check('{ "approver": {}, "chanel": "C0X", "channel": "C0OURS" }', 'my.json')
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toEqual([
      'rolemedic: my.json: approver: unknown key; did you mean "approvers"?',
      'rolemedic: my.json: chanel: unknown key; did you mean "channel"?',
    ])
  })

  it('prints the errors as JSON with --json', async () => {
    const { code, out } = await check('{ "chanel": "C0X", "channel": "C0OURS" }', '--json', 'my.json')
    expect(code).toBe(1)
    expect(JSON.parse(out)).toEqual({ file: 'my.json', errors: ['chanel: unknown key; did you mean "channel"?'] })
  })

  it('says of the sample what it is for, and of its ids in another file that they are wrong', async () => {
    const sample = await check(file('rolemedic.config.json'))
    expect(sample.code).toBe(0)
    expect(sample.err).toEqual([
      'rolemedic: rolemedic.config.json: warning: this is the sample configuration: "rolemedic start" runs with it, and nothing can be deployed with it. Replace its users, its channel and its accounts with yours',
    ])
    const mine = await check('{ "approvers": { "users": ["U0ANNA", "U0BEN"] }, "channel": "C0DEPLOYS" }', 'my.json')
    expect(mine).toEqual({
      code: 1,
      out: '',
      err: [
        'rolemedic: my.json: channel: C0DEPLOYS is an id of the sample configuration: replace it with yours, or remove it',
      ],
    })
  })
})
