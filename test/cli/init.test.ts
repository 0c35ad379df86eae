import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { dispatch } from '../../cli/dispatch.ts'
import { manifestChecks } from '../../cli/use-cases/chat/slack-address.ts'
import { settingsOfTerraform } from '../../cli/use-cases/doctor/terraform-settings.ts'
import { initFiles } from '../../cli/use-cases/init/plan-files.ts'
import { answersTo, type InitGiven } from '../../cli/use-cases/init/questions.ts'
import { version } from '../../cli/version.ts'
import { parseDeployedConfig } from '../../functions/domain/config/index.ts'
import { REGIONS } from '../../infra/regions.ts'
import { parseSettings } from '../../infra/settings.ts'
import { cpuMs } from '../cpu-time.ts'
import { memoryIo } from './memory-io.ts'

const folder = () => mkdtempSync(join(tmpdir(), 'rolemedic-init-'))

async function rolemedic(args: readonly string[], answers: readonly string[] | null = null) {
  const left = [...(answers ?? [])]
  const asked: string[] = []
  const io = {
    ...memoryIo(),
    ask:
      answers === null
        ? null
        : async (question: string) => {
            asked.push(question)
            return left.shift() ?? ''
          },
  }
  const code = await dispatch(args, io)
  return { code, out: io.captured.out, err: io.captured.err.join('\n'), asked }
}

const GIVEN = [
  '--region',
  'eu-west-1',
  '--channel',
  'C04RELEASES',
  '--approver',
  'U02ANNA7K',
  '--approver',
  'S05ONCALL',
]

describe('rolemedic init', () => {
  it('writes two files that pass the checks of a deployment, and prints the manifest alone', async () => {
    const to = folder()
    const { code, out, err } = await rolemedic(['init', ...GIVEN, '--folder', to])
    expect(code).toBe(0)
    expect(readdirSync(to).sort()).toEqual(['rolemedic.config.json', 'rolemedic.deploy.json'])
    const config = parseDeployedConfig(readFileSync(join(to, 'rolemedic.config.json'), 'utf8'))
    expect(config.ok && { ...config.value.config.approvers, mode: config.value.config.mode }).toEqual({
      users: ['U02ANNA7K'],
      groups: ['S05ONCALL'],
      mode: 'observe',
    })
    const settings = join(to, 'rolemedic.deploy.json')
    expect(parseSettings(JSON.parse(readFileSync(settings, 'utf8')), 'file')).toMatchObject({
      region: 'eu-west-1',
      otherRegions: ['us-east-1'],
      enabled: false,
      organization: null,
    })
    const manifest = parse(out) as { settings: { interactivity: { request_url: string } } }
    expect(manifest.settings.interactivity.request_url).toBe(
      'https://REPLACE-ME.execute-api.eu-west-1.amazonaws.com/slack',
    )
    expect(err).toContain(`npx rolemedic doctor --settings ${settings}\n`)
    expect(err).toContain('npx cdk bootstrap aws://ACCOUNT/eu-west-1 aws://ACCOUNT/us-east-1\n')
    expect(err).toContain(`ROLEMEDIC_SETTINGS=${settings} npx cdk deploy --all `)
  })

  it('names the account to bootstrap where it is known, and quotes what a shell would take apart', async () => {
    const to = join(folder(), 'a b')
    const organization = ['--organization', 'o-a1b2c3d4e5', '--hub-account', '222233334444']
    const { err } = await rolemedic(['init', ...GIVEN, ...organization, '--folder', to])
    expect(err).toContain('npx cdk bootstrap aws://222233334444/eu-west-1 aws://222233334444/us-east-1\n')
    expect(err).toContain(`ROLEMEDIC_SETTINGS='${join(to, 'rolemedic.deploy.json')}' npx cdk`)
  })

  it.each([
    ['cn-north-1', 'https://REPLACE-ME.execute-api.cn-north-1.amazonaws.com.cn/slack'],
    ['us-gov-west-1', 'https://REPLACE-ME.execute-api.us-gov-west-1.amazonaws.com/slack'],
  ])('prints the address that the partition of %s has', async (region, address) => {
    const { out } = await rolemedic(['init', ...GIVEN.slice(2), '--region', region, '--folder', folder()])
    expect(out.match(/https:\/\/REPLACE-ME\S+/g)).toEqual([address, address, address])
  })

  // https://docs.slack.dev/govslack
  it.each([
    [['us-gov-west-1'], 'https://api.slack-gov.com/apps', 'https://slack-gov.com/api/'],
    [['eu-west-1'], 'https://api.slack.com/apps', undefined],
  ])('makes the app of %j in the Slack of its partition', async ([region = ''], apps, apiUrl) => {
    const to = folder()
    const given = [...GIVEN.slice(2), '--region', region, '--folder', to]
    const { err } = await rolemedic(['init', ...given])
    const [check] = await manifestChecks('https://x/slack', { token: null, appId: 'A01APP', apiUrl })
    expect(check?.detail).toContain(`an app configuration token of ${apps};`)
    expect(err.match(/https:\/\/api\.\S+/g)).toEqual([apps])
    const settings = parseSettings(JSON.parse(readFileSync(join(to, 'rolemedic.deploy.json'), 'utf8')), 'file')
    expect(settings.slack.apiUrl).toBe(apiUrl)
    await rolemedic(['init', ...given, '--terraform', '--code-bucket', 'example-code', '--force'])
    const api = /api_url = "(.+?)"/.exec(readFileSync(join(to, 'rolemedic.tf'), 'utf8'))?.[1]
    expect(api).toBe(apiUrl)
  })

  it('writes nothing for a Region whose hosts are not known', async () => {
    const to = folder()
    const { code, err } = await rolemedic(['init', ...GIVEN.slice(2), '--region', 'us-iso-east-1', '--folder', to])
    expect([code, err]).toEqual([2, 'rolemedic: the host of REPLACE-ME.execute-api in us-iso-east-1 is not known'])
    expect(readdirSync(to)).toEqual([])
  })

  it('replaces no file, and writes neither if one exists', async () => {
    const to = folder()
    writeFileSync(join(to, 'rolemedic.deploy.json'), 'mine')
    const { code, err } = await rolemedic(['init', ...GIVEN, '--folder', to])
    expect(code).toBe(2)
    expect(err).toContain('rolemedic.deploy.json exists: nothing was written')
    expect(readdirSync(to)).toEqual(['rolemedic.deploy.json'])
    expect((await rolemedic(['init', ...GIVEN, '--folder', to, '--force'])).code).toBe(0)
    expect(readFileSync(join(to, 'rolemedic.deploy.json'), 'utf8')).not.toBe('mine')
  })

  it.each([
    ['rolemedic.deploy.json', [], /"writerExternalId": "(.+)"/],
    ['rolemedic.tf', ['--terraform', '--code-bucket', 'example-code'], /writer_external_id = "(.+)"/],
  ])('keeps the external id of the %s that it replaces, unless another is given', async (name, form, id) => {
    const to = folder()
    const init = async (...more: readonly string[]) => {
      expect((await rolemedic(['init', ...GIVEN, ...form, '--folder', to, ...more])).code).toBe(0)
      return id.exec(readFileSync(join(to, name), 'utf8'))?.[1]
    }
    const first = await init()
    expect(first).toMatch(/^rolemedic-[0-9a-f-]{14}$/)
    expect(await init('--force')).toBe(first)
    expect(await init('--force', '--writer-external-id', 'another-one')).toBe('another-one')
  })

  it.each([
    [
      'rolemedic.deploy.json',
      '{ "$comment": [{ "writerExternalId": "of-a-comment" }], "writerExternalId": "kept\\u002dby-init" }',
    ],
    ['rolemedic.deploy.json', '\uFEFF{ "writerExternalId": "kept-by-init" }'],
    [
      'rolemedic.tf',
      '# writer_external_id = "of-a-comment"\n/* writer_external_id = "another" */\nmodule "rolemedic" {\n  writer_external_id = "kept-by-init"\n}\n',
    ],
  ])('keeps the external id of %s as it is meant: %s', async (name, text) => {
    const to = folder()
    writeFileSync(join(to, name), text)
    const { code } = await rolemedic(['init', ...GIVEN, '--folder', to, '--force'])
    const settings: unknown = JSON.parse(readFileSync(join(to, 'rolemedic.deploy.json'), 'utf8'))
    expect([code, settings]).toMatchObject([0, { writerExternalId: 'kept-by-init' }])
  })

  it('makes an external id where a comment alone has one', async () => {
    const to = folder()
    writeFileSync(join(to, 'rolemedic.tf'), '# writer_external_id = "of-a-comment"\n/* writer_external_id */\n')
    expect((await rolemedic(['init', ...GIVEN, '--folder', to, '--force'])).code).toBe(0)
  })

  it.each([
    [
      'rolemedic.deploy.json',
      '{ "writerExternalId": "cut',
      'the writer external id of rolemedic.deploy.json cannot be read',
    ],
    [
      'rolemedic.deploy.json',
      '{ "writerExternalId": 12 }',
      'the writer external id of rolemedic.deploy.json cannot be read',
    ],
    [
      'rolemedic.tf',
      'module "rolemedic" { writer_external_id = "cut',
      'the writer external id of rolemedic.tf cannot be read',
    ],
    ['rolemedic.tf', 'module "rolemedic" { writer_external_id = local.id }', 'rolemedic.tf cannot be read'],
    [
      'rolemedic.tf',
      '# writer_external_id\nlocals {\n  settings = { writer_external_id = "of-an-object" }\n}\n',
      'rolemedic.tf cannot be read',
    ],
    [
      'rolemedic.tf',
      'locals {\n  settings = { "writer_external_id" : "of-an-object" }\n}\n',
      'rolemedic.tf cannot be read',
    ],
  ])('replaces no %s whose external id it cannot read: %s', async (name, text, error) => {
    const to = folder()
    writeFileSync(join(to, name), text)
    const { code, err } = await rolemedic(['init', ...GIVEN, '--folder', to, '--force'])
    expect([code, err]).toEqual([2, expect.stringContaining(error)])
    expect(readdirSync(to).map(file => readFileSync(join(to, file), 'utf8'))).toEqual([text])
    expect(
      (await rolemedic(['init', ...GIVEN, '--folder', to, '--force', '--writer-external-id', 'a-new-id'])).code,
    ).toBe(0)
  })

  it.each(['rolemedic.deploy.json', 'rolemedic.tf'])('reads a hostile %s in linear time', async name => {
    const to = folder()
    writeFileSync(join(to, name), 'writer_external_id = "writerExternalId": '.repeat(2_000))
    const startedMs = cpuMs()
    expect((await rolemedic(['init', ...GIVEN, '--folder', to, '--force'])).code).toBe(2)
    expect(cpuMs() - startedMs).toBeLessThan(5_000)
  })

  it.each([
    ['--channel', 'general', /--channel: a Slack channel id starts with C/],
    ['--region', 'Ireland', /--region: a Region looks like eu-west-1/],
    ['--region', 'eu-middle-1', /--region: a Region looks like eu-west-1, .* got "eu-middle-1"/],
    ['--region', 'eu-west-1a', /--region: a Region looks like eu-west-1/],
    ['--other-region', 'us-esat-1', /--other-region: a Region .* got "us-esat-1"/],
    ['--mode', 'all', /mode/],
    ['--organization', 'acme', /--organization: an organization id looks like/],
    ['--slack-app', 'T123', /--slack-app: a Slack app id starts with A/],
    ['--channel', 'C0DEPLOYS', /channel: C0DEPLOYS is an id of the sample configuration/],
    ['--writer-external-id', 'short', /writerExternalId: an external id has 8 to 128/],
  ])('writes nothing with a wrong %s: %s', async (option, value, line) => {
    const to = folder()
    const others = GIVEN.flatMap((word, at) => (GIVEN[at - 1] === option || word === option ? [] : [word]))
    const { code, err } = await rolemedic(['init', ...others, option, value, '--folder', to])
    expect(code).toBe(2)
    expect(err).toMatch(line)
    expect(readdirSync(to)).toEqual([])
  })

  it('knows every Region that the AWS SDK knows', async () => {
    const file = '../../node_modules/@aws-sdk/core/dist-es/submodules/client/util-endpoints/lib/aws/partitions.js'
    const { partitionsInfo } = await import(new URL(file, import.meta.url).href)
    const known = partitionsInfo.partitions.flatMap(({ regions }: { readonly regions: object }) => Object.keys(regions))
    expect(REGIONS.toSorted()).toEqual(known.filter((name: string) => !name.endsWith('-global')).sort())
  })

  it('names every option that is missing where nobody can answer', async () => {
    const { code, err } = await rolemedic(['init', '--region', 'eu-west-1', '--folder', folder()])
    expect(code).toBe(2)
    expect(err).toMatch(/give --channel \(Slack [^)]*\), --approver \(Who /)
  })

  it('asks for what no option gives, and again after a wrong answer', async () => {
    const to = folder()
    const answers = [
      'o-a1b2c3d4e5',
      '222233334444',
      'general',
      'C04RELEASES',
      'U02ANNA7K, U03BEN4TQ',
      '',
      'A01APP',
      'T01TEAM',
    ]
    const { code, asked } = await rolemedic(['init', '--region', 'eu-central-1', '--folder', to], answers)
    expect(code).toBe(0)
    expect(asked[3]).toBe('a Slack channel id starts with C: ')
    expect(asked[5]).toContain('[observe]')
    expect(JSON.parse(readFileSync(join(to, 'rolemedic.deploy.json'), 'utf8'))).toMatchObject({
      organization: { id: 'o-a1b2c3d4e5', hubAccountId: '222233334444' },
      slack: { appId: 'A01APP', teamId: 'T01TEAM' },
    })
  })

  it('prints only the manifest once the address is known', async () => {
    const { code, out } = await rolemedic([
      'init',
      '--slack-url',
      'https://abc123.execute-api.eu-west-1.amazonaws.com/slack',
    ])
    expect(code).toBe(0)
    expect(out).not.toContain('REPLACE-ME')
    expect(out.match(/https:\/\/abc123\.execute-api\.eu-west-1\.amazonaws\.com\/slack/g)).toHaveLength(3)
    expect((await rolemedic(['init', '--slack-url', 'https://x/slack\nevil: true'])).code).toBe(2)
  })

  it('writes the variables of the Terraform module, whose names the module has', async () => {
    const to = folder()
    const organization = ['--organization', 'o-a1b2c3d4e5', '--hub-account', '222233334444']
    const { code, err } = await rolemedic([
      'init',
      ...GIVEN,
      ...organization,
      '--terraform',
      '--code-bucket',
      'example-code',
      '--folder',
      to,
    ])
    expect(code).toBe(0)
    expect(err).toContain(`npx rolemedic config pack ${join(to, 'rolemedic.config.json')} --folder ${to}\n`)
    expect(err).toContain(`terraform -chdir=${to} init && terraform -chdir=${to} apply\n`)
    const written = readFileSync(join(to, 'rolemedic.tf'), 'utf8')
    const module = ['variables', 'chat'].map(name =>
      readFileSync(new URL(`../../infra/terraform/${name}.tf`, import.meta.url), 'utf8'),
    )
    const declared = [...module.join('\n').matchAll(/^variable "(\w+)"/gm)].map(([, name]) => name)
    const block = written.slice(written.indexOf('module "rolemedic"'), written.indexOf('output "'))
    const used = [...block.matchAll(/^ {2}(\w+) += /gm)]
      .map(([, name]) => name)
      .filter(name => !['source', 'providers', 'value'].includes(name ?? ''))
    expect(used.filter(name => !declared.includes(name))).toEqual([])
    expect(written).toContain('enabled = false')
    // Terraform refuses an alias that no provider block has: the next command is run on this file alone.
    const aliases = [...block.matchAll(/ = aws\.(\w+)$/gm)].map(([, alias]) => alias)
    expect(aliases).toEqual(['management'])
    for (const alias of aliases)
      expect(written).toMatch(new RegExp(`^provider "aws" \\{\\n {2}alias += "${alias}"$`, 'm'))
    expect(written).toMatch(/^provider "aws" \{\n {2}region = "eu-west-1"$/m)
  })
})

describe('the settings of a deployment by Terraform', () => {
  const SETTINGS = {
    region: 'eu-west-1',
    otherRegions: ['us-east-1'],
    organization: { id: 'o-a1b2c3d4e5', hubAccountId: '222233334444' },
    slack: { appId: 'A01APP', teamId: 'T01TEAM', apiUrl: 'https://slack.com/api/' },
    writerExternalId: 'rolemedic-4f9c-2e71-b608',
    enabled: false,
    heartbeats: { retired: [] },
  }
  const STACK = {
    name: 'rolemedic-bot',
    id: 'arn:aws:cloudformation:eu-west-1:222233334444:stack/rolemedic-bot/0a1b',
    parameters: {
      SlackAppId: 'A01APP',
      SlackTeamId: 'T01TEAM',
      SlackEnterpriseId: '',
      SlackApiUrl: 'https://slack.com/api/',
      WriterExternalId: 'rolemedic-4f9c-2e71-b608',
      Enabled: 'no',
      MemberRegions: 'eu-west-1,us-east-1',
      RetiredMembers: '',
      OrganizationId: 'o-a1b2c3d4e5',
    },
  }

  it.each([
    ['outputs', { slack_url: { value: 'https://x/slack' }, rolemedic: { value: SETTINGS } }],
    ['a state with outputs', { version: 4, outputs: { rolemedic: { value: SETTINGS } }, resources: [] }],
    [
      'a state file',
      {
        version: 4,
        outputs: {},
        resources: [{ type: 'aws_cloudformation_stack', name: 'bot', instances: [{ attributes: STACK }] }],
      },
    ],
    [
      'terraform show -json',
      {
        values: {
          root_module: {
            child_modules: [{ resources: [{ type: 'aws_cloudformation_stack', name: 'bot', values: STACK }] }],
          },
        },
      },
    ],
  ])('are read from %s', (_, json) => {
    expect(settingsOfTerraform(json)).toEqual(SETTINGS)
    expect(parseSettings(settingsOfTerraform(json), 'state').slack.appId).toBe('A01APP')
  })

  it.each([
    [null],
    [[]],
    [{ region: 'eu-west-1', slack: {} }],
    [{ resources: [{ instances: [{ attributes: { name: 'other' } }] }] }],
  ])('are none in %j', json => {
    expect(settingsOfTerraform(json)).toBeNull()
  })

  it.each([
    ['a state that is kept elsewhere', { version: 3, serial: 1, lineage: 'a', backend: { type: 's3', config: {} } }],
    ['a state of something else', { version: 4, terraform_version: '1.9.0', outputs: {}, resources: [] }],
    ['outputs without those of the module', { vpc: { sensitive: false, type: 'string', value: 'vpc-1' } }],
  ])('doctor says how to get them for %s', async (_, json) => {
    const file = join(folder(), 'terraform.json')
    writeFileSync(file, JSON.stringify(json))
    const { out } = await rolemedic(['doctor', '--settings', file])
    expect(out).toMatch(/^failed +settings .*terraform output -json > outputs\.json/m)
  })

  it('are what doctor checks', async () => {
    const to = folder()
    writeFileSync(
      join(to, 'terraform.tfstate'),
      JSON.stringify({ version: 4, resources: [{ instances: [{ attributes: STACK }] }] }),
    )
    writeFileSync(
      join(to, 'rolemedic.config.json'),
      '{ "mode": "observe", "channel": "C04RELEASES", "approvers": { "users": ["U02ANNA7K", "U03BEN4TQ"] } }',
    )
    const { out } = await rolemedic(['doctor', '--settings', join(to, 'terraform.tfstate')])
    expect(out).toMatch(/^ok +settings /m)
    expect(out).toMatch(/^ok +configuration /m)
  })
})

describe('rolemedic config pack', () => {
  const CONFIG = '{ "channel": "C04RELEASES", "approvers": { "users": ["U02ANNA7K", "U03BEN4TQ"] } }\n'

  it('writes the archive that the released templates take, under the name of its version and digest', async () => {
    const to = folder()
    writeFileSync(join(to, 'rolemedic.config.json'), CONFIG)
    const { code, out } = await rolemedic(['config', 'pack', join(to, 'rolemedic.config.json'), '--folder', to])
    expect(code).toBe(0)
    const [name = ''] = readdirSync(to).filter(file => file.endsWith('.zip'))
    expect(out).toBe(`${join(to, name)}\n`)
    const { createHash } = await import('node:crypto')
    const archive = readFileSync(join(to, name))
    expect(name).toBe(
      `rolemedic-config-${version()}-${createHash('sha256').update(archive).digest('hex').slice(0, 12)}.zip`,
    )
    expect(archive.includes('rolemedic.config.json')).toBe(true)
  })

  it.each([
    ['an id of the sample', '{ "channel": "C0DEPLOYS" }', /C0DEPLOYS is an id of the sample/],
    ['a typo', '{ "chanel": "C04RELEASES" }', /did you mean "channel"/],
    [
      'the sample itself',
      readFileSync(new URL('../../rolemedic.config.json', import.meta.url), 'utf8'),
      /this is the sample configuration/,
    ],
  ])('writes nothing for %s', async (_, text, line) => {
    const to = folder()
    writeFileSync(join(to, 'c.json'), text)
    const { code, err } = await rolemedic(['config', 'pack', join(to, 'c.json'), '--folder', to])
    expect(code).toBe(1)
    expect(err).toMatch(line)
    expect(readdirSync(to)).toEqual(['c.json'])
  })
})

describe('the answers', () => {
  const NONE: InitGiven = {
    ...{
      region: null,
      otherRegions: [],
      organization: null,
      hubAccount: null,
      channel: 'C04RELEASES',
      approvers: ['U02ANNA7K'],
    },
    ...{
      mode: null,
      slackApp: null,
      slackTeam: null,
      writerExternalId: 'rolemedic-1',
      terraform: false,
      codeBucket: null,
    },
  }

  it('take the Region of the shell', async () => {
    expect((await answersTo(NONE, null, 'eu-north-1')).region).toBe('eu-north-1')
  })

  it('name every error of both files', async () => {
    const answers = await answersTo({ ...NONE, region: 'eu-west-1' }, null, null)
    const planned = initFiles({ ...answers, channel: 'C0DEPLOYS', otherRegions: ['eu-west-1'] }, '.')
    expect(planned.ok ? [] : planned.error.map(error => error.split(':')[0])).toEqual([
      'rolemedic.config.json',
      'rolemedic.deploy.json',
    ])
  })
})
