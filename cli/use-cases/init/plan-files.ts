/** The files of a new deployment, from what a person answered: checked as the deployment checks them. */
import { resolve } from 'node:path'
import { fail, ok, type Result } from '../../../core/base/index.ts'
import { parseDeployedConfig } from '../../../functions/domain/config/index.ts'
import { missingGlobalRegion, parseSettings } from '../../../infra/settings.ts'
import type { NewFile } from '../../files/new-files.ts'
import { shellQuoted } from '../../shell-quoted.ts'
import { docsPage } from '../../version.ts'
import { CHAT_OUTPUT, type ChatAnswers, chatArgument, chatSettingsOf, chatSteps } from '../chat/setup.ts'
import { SETTINGS } from '../doctor/doctor.ts'
import { CONFIG_FILE } from '../read-config.ts'

export type InitAnswers = ChatAnswers & {
  readonly region: string
  readonly otherRegions: readonly string[]
  /** Null: one account. */
  readonly organization: { readonly id: string; readonly hubAccountId: string } | null
  readonly channel: string
  readonly approvers: readonly string[]
  readonly approverGroups: readonly string[]
  readonly mode: 'observe' | 'recommend' | 'approve'
  readonly writerExternalId: string
  /** A bucket for the code, for the Terraform module; null: for the CDK. */
  readonly codeBucket: string | null
}

export type InitFiles = {
  readonly files: readonly NewFile[]
  /** Commands, in their order, with what each does. */
  readonly next: readonly (readonly [command: string, what: string])[]
}

export const TERRAFORM_FILE = 'rolemedic.tf'

/** Every error of both files, each with its place. `folder`: where they go. */
export function initFiles(answers: InitAnswers, folder: string): Result<InitFiles, readonly string[]> {
  const config = `${JSON.stringify(configOf(answers), null, 2)}\n`
  const parsed = parseDeployedConfig(config)
  const errors = [
    ...(parsed.ok ? [] : parsed.error.map(error => `${CONFIG_FILE}: ${error}`)),
    ...settingsErrors(answers),
  ]
  if (errors.length > 0) return fail(errors)
  const settings = `${JSON.stringify(settingsOf(answers), null, 2)}\n`
  const { codeBucket } = answers
  return ok({
    files: [
      { name: CONFIG_FILE, content: config },
      codeBucket === null
        ? { name: SETTINGS, content: settings }
        : { name: TERRAFORM_FILE, content: terraformOf(answers, codeBucket) },
    ],
    next: nextOf(answers, folder),
  })
}

/** The Region with the events of IAM is one of those that are listened to. */
function regionsOf({ region, otherRegions }: InitAnswers): readonly string[] {
  const missing = missingGlobalRegion({ region, otherRegions: [...otherRegions] })
  return missing === null ? otherRegions : [...otherRegions, missing]
}

const configOf = ({ channel, approvers, approverGroups, mode }: InitAnswers) => ({
  $comment: [
    'Who may approve, where cards go, and what rolemedic may do. Every setting: rolemedic schema config.',
    'mode: observe posts one digest a day, recommend posts the change as code, approve writes what people approve.',
    `Check it after each change: rolemedic config check. It is deployed with the bot.`,
  ],
  mode,
  approvers: {
    ...(approvers.length === 0 ? {} : { users: approvers }),
    ...(approverGroups.length === 0 ? {} : { groups: approverGroups }),
  },
  channel,
  grants: { permanent: { people: 'two-approvers', machines: 'always' } },
})

const settingsOf = (answers: InitAnswers) => ({
  $comment: [
    `What is deployed where, for the CDK. Every setting: ${docsPage('deploy-settings.md')}`,
    'otherRegions has the Region with the events of IAM. enabled: true brings denials in, once rolemedic doctor --live has no failed line.',
  ],
  enabled: false,
  region: answers.region,
  otherRegions: regionsOf(answers),
  ...(answers.organization === null ? {} : { organization: answers.organization }),
  ...chatSettingsOf(answers),
  writerExternalId: answers.writerExternalId,
})

function settingsErrors(answers: InitAnswers): readonly string[] {
  try {
    parseSettings(settingsOf(answers), SETTINGS)
    return []
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)]
  }
}

/** Checked before: no value has a quote, a backslash or a `${`. */
const quoted = (text: string): string => JSON.stringify(text)
const list = (texts: readonly string[]): string => `[${texts.map(quoted).join(', ')}]`

function terraformOf(answers: InitAnswers, codeBucket: string): string {
  const { region, organization, writerExternalId } = answers
  const organizationLines =
    organization === null
      ? []
      : [
          '',
          '  organization = {',
          `    id             = ${quoted(organization.id)}`,
          `    hub_account_id = ${quoted(organization.hubAccountId)}`,
          '    # The roots or units whose accounts are members; those of writer_unit_ids also get the writer role.',
          '    organizational_unit_ids = []',
          '    writer_unit_ids         = []',
          '  }',
        ]
  return `${[
    `# The deployment of rolemedic, with the module of a release: ${docsPage('deploy.md')}`,
    '# Unpack rolemedic-deploy-VERSION.zip beside this file into the folder rolemedic-deploy.',
    '',
    ...providerLines(region, organization !== null),
    'module "rolemedic" {',
    '  source = "./rolemedic-deploy/terraform"',
    '',
    '  providers = {',
    '    aws           = aws',
    `    aws.stacksets = ${organization === null ? 'aws' : 'aws.management'}`,
    '  }',
    '',
    `  region        = ${quoted(region)}`,
    `  other_regions = ${list(regionsOf(answers))}`,
    `  code_bucket   = ${quoted(codeBucket)}`,
    '  # Written by rolemedic config pack: another name after each change of the configuration.',
    '  config_archive     = "${path.root}/${one(fileset(path.root, "rolemedic-config-*.zip"))}"',
    `  writer_external_id = ${quoted(writerExternalId)}`,
    chatArgument(answers, quoted),
    ...organizationLines,
    '',
    '  # Denials come in once this is true: first rolemedic doctor --live --settings terraform.tfstate.',
    '  enabled = false',
    '}',
    '',
    'output "rolemedic" {',
    '  value = module.rolemedic.settings',
    '}',
    '',
    `output "${CHAT_OUTPUT}" {`,
    `  value = module.rolemedic.${CHAT_OUTPUT}`,
    '}',
  ].join('\n')}\n`
}

/** Terraform takes them from the root alone. https://developer.hashicorp.com/terraform/language/modules/develop/providers */
const providerLines = (region: string, isOrganization: boolean): readonly string[] => [
  ...['provider "aws" {', `  region = ${quoted(region)}`, '}', ''],
  ...(isOrganization
    ? [
        ...['provider "aws" {', '  alias  = "management"', `  region = ${quoted(region)}`],
        '  # Your profile with credentials of the management account.',
        ...['  profile = "management"', '}', ''],
      ]
    : []),
]

/** With whole paths: the commands are run in a clone, or where Terraform is. */
function nextOf(answers: InitAnswers, folder: string): InitFiles['next'] {
  const { codeBucket, region, organization } = answers
  const [config, settings, there] = [resolve(folder, CONFIG_FILE), resolve(folder, SETTINGS), resolve(folder)].map(
    shellQuoted,
  )
  const app = chatSteps(answers)
  if (codeBucket !== null)
    return [
      ...app,
      [
        `npx rolemedic config pack ${config} --folder ${there}`,
        'the archive of the configuration, which the module takes',
      ],
      [
        `terraform -chdir=${there} init && terraform -chdir=${there} apply`,
        'deploys, with everything switched off, once the release is unpacked there',
      ],
    ]
  const account = organization?.hubAccountId ?? 'ACCOUNT'
  const places = [region, ...regionsOf(answers)].map(one => `aws://${account}/${one}`).join(' ')
  return [
    ...app,
    [`npx rolemedic doctor --settings ${settings}`, 'checks both files'],
    [`npx cdk bootstrap ${places}`, 'once, in a clone of the repository'],
    [
      `ROLEMEDIC_SETTINGS=${settings} npx cdk deploy --all --parameters rolemedic-roles:WriterRole=no`,
      'there: deploys, with everything switched off',
    ],
  ]
}
