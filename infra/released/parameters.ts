/** The parameters of a released template: what differs between deployments. */
import { CfnParameter, type CfnParameterProps, Fn, type Stack } from 'aws-cdk-lib'
import { CHAT_PARAMETERS } from '../chat.ts'

const account = { type: 'String', allowedPattern: '^\\d{12}$', constraintDescription: 'an account id has 12 digits' }
const choice = (description: string, byDefault: 'yes' | 'no'): CfnParameterProps => ({
  type: 'String',
  allowedValues: ['yes', 'no'],
  default: byDefault,
  description,
})

const retiredAt = (what: string): CfnParameterProps => ({
  type: 'String',
  default: '',
  allowedPattern: '^(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ)?$',
  constraintDescription: 'a time like 2026-12-01T09:00:00Z, or empty',
  description: `When the key that ${what} was replaced: makes another one, and keeps this one for what it signed. The same in rolemedic-state and rolemedic-bot, and never changed again.`,
})

const PARAMETERS = {
  CodeBucket: {
    type: 'String',
    allowedPattern: '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$',
    description: 'The bucket that the zips of the functions were copied to, in the Region of this stack.',
  },
  CodePrefix: {
    type: 'String',
    default: '',
    allowedPattern: '^([A-Za-z0-9!_.*()-]+/)*$',
    constraintDescription: 'empty, or it ends with /',
    description:
      'What the keys of the zips start with. A new version needs another prefix: Lambda takes no notice of a new object under an old key.',
  },
  ConfigKey: {
    type: 'String',
    constraintDescription: 'the archive that config pack of this version of rolemedic writes, under its own name',
    description: 'The key in CodeBucket of the archive that rolemedic config pack wrote. Each change has another key.',
  },
  AlertEmails: {
    type: 'String',
    default: '',
    allowedPattern: '^([^@,\\s]+@[^@,\\s]+(,|$)){0,5}$',
    constraintDescription: 'at most five addresses with commas and without blanks',
    description: 'Addresses that get alarms and notices, with commas. Each confirms by mail.',
  },
  ...CHAT_PARAMETERS,
  WriterExternalId: {
    type: 'String',
    default: 'rolemedic-writer',
    allowedPattern: '^[\\w+=,.@:/-]{8,128}$',
    description: 'The same for the bot and for every account.',
  },
  OrganizationId: {
    type: 'String',
    allowedPattern: '^o-[a-z0-9]{10,32}$',
    description: 'The id of the AWS organization.',
  },
  HubAccountId: { ...account, description: 'The account that the bot runs in.' },
  HubRegion: {
    type: 'String',
    allowedPattern: '^[a-z]{2,}(-[a-z]+)+-\\d$',
    description: 'The Region that the bot runs in.',
  },
  PermissionsBoundary: {
    type: 'String',
    default: '',
    allowedPattern: '^([\\w+=,.@-][\\w+=,.@/-]{0,511})?$',
    description:
      'The name of a managed policy of this account, as the boundary of every role but the writer; empty: none.',
  },
  ProtectedArns: {
    type: 'CommaDelimitedList',
    default: '',
    description:
      'Roles, users and policies that the writer role can never change, as ARNs with * and ?. The same as `protected` in rolemedic.config.json.',
  },
  ReservedConcurrency: choice('no: for an account with a quota of 10 concurrent executions.', 'yes'),
  MemberRegions: {
    type: 'String',
    allowedPattern: '^[a-z]{2,}(-[a-z]+)+-\\d(,[a-z]{2,}(-[a-z]+)+-\\d)*$',
    description: 'Every Region that is deployed, with commas: where each account is expected to be heard from.',
  },
  RetiredMembers: {
    type: 'String',
    default: '',
    allowedPattern: '^(\\d{12}(/[a-z0-9-]+)?(,|$))*$',
    description: 'Accounts, or account/Region, whose silence is intended, with commas.',
  },
  DecisionsKeyRetiredAt: retiredAt('decide signs decisions with'),
  AttestationsKeyRetiredAt: retiredAt('verify signs with'),
  OutcomesKeyRetiredAt: retiredAt('write signs with'),
  EnrollmentsKeyRetiredAt: retiredAt('enroll signs with'),
  EndpointDomain: {
    type: 'String',
    default: '',
    allowedPattern: '^(([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63})?$',
    constraintDescription: 'a host name like rolemedic.example.com, or empty',
    description:
      'A host of your own for the endpoint; empty: the one that API Gateway gives. The same in rolemedic-state and rolemedic-bot. Passkeys belong to the host: a change loses all of them.',
  },
  EndpointCertificateArn: {
    type: 'String',
    default: '',
    allowedPattern: '^(arn:aws[a-z-]*:acm:[a-z0-9-]+:\\d{12}:certificate/[0-9a-f-]{36})?$',
    description: 'With EndpointDomain: its certificate of ACM, in the Region of this stack.',
  },
  Enabled: choice('no: the rules for denials and failed deploys are there, and deliver nothing yet.', 'no'),
} as const satisfies { readonly [name: string]: CfnParameterProps }

export type ParameterName = keyof typeof PARAMETERS

/**
 * The version of the functions has read the configuration before it is deployed. Otherwise CloudFormation refuses the update, and what
 * runs goes on: [ADR 34](../../docs/adr/0034-configuration-checked-before-it-is-deployed.md).
 */
export const configKeyPattern = (version: string): string =>
  `^(.{1,900}/)?rolemedic-config-${version.replaceAll(/[.+]/g, '[$&]')}-[0-9a-f]{12}[.]zip$`

export const MAX_ALERT_EMAILS = 5

/** A reference to a parameter, for use before its stack exists. */
export const given = (name: ParameterName): string => Fn.ref(name)

export function addParameters(stack: Stack, names: readonly ParameterName[]): void {
  for (const name of names) new CfnParameter(stack, name, PARAMETERS[name])
}
