import { readConfigureGlobal, sample, shuffledSubarray } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { factFile, factServices } from '../../../core/denial/passed-service/fact-files.ts'
import cloudFormation from '../../../core/denial/resource-types/cloudformation-roles.json' with { type: 'json' }
import facts from '../../../core/denial/resource-types/role-assumers.json' with { type: 'json' }
import { assumersOf, assumersOfCall, type RoleAssumers } from '../../../core/denial/resource-types/role-assumers.ts'
import { assumersReport } from '../../../tools/facts/assumers-report.ts'
import {
  type AssumersRow,
  generateAssumers,
  readAssumers,
  readSentKeys,
} from '../../../tools/role-properties/assumers.ts'
import { type GeneratedRoleProperty, generateTerraform } from '../../../tools/role-properties/generate.ts'
import { readDecisions } from '../../../tools/role-properties/tables.ts'
import '../../seed.ts'

const PROPERTIES: Readonly<Record<string, readonly GeneratedRoleProperty[]>> = {
  ...(cloudFormation.types as unknown as Readonly<Record<string, readonly GeneratedRoleProperty[]>>),
  ...generateTerraform(readDecisions('terraform.tsv')),
}

/** AWS's documentation, its guides on GitHub, the CDK's constructs, the SAM transform, the API models of botocore. */
const PUBLISHED =
  /^https:\/\/(?:docs\.aws\.amazon\.com\/|github\.com\/(?:awsdocs|aws|boto)\/[\w.-]+\/blob\/(?:[0-9a-f]{40}|v\d+\.\d+\.\d+)\/)\S+$/

const pairsOf = (row: AssumersRow) =>
  Object.entries(generateAssumers(PROPERTIES, [row, INSTANCE_PROFILE], []).assumers.types).flatMap(([type, own]) =>
    Object.keys(own).map(property => ({ type, property, assumedBy: row.assumedBy, source: row.sources.join(' ') })),
  )
const INSTANCE_PROFILE: AssumersRow = {
  types: ['instance-profile'],
  properties: ['*'],
  assumedBy: 'ec2.amazonaws.com',
  sources: ['https://docs.aws.amazon.com/'],
  read: '2026-11-29',
  note: '',
}

describe('who assumes a role, as AWS publishes it', () => {
  const rows = readAssumers()

  it('has an address and a day for each row', () => {
    for (const { sources, read, types } of rows) {
      expect(sources, types.join(' ')).not.toEqual([])
      for (const source of sources) expect(source).toMatch(PUBLISHED)
      expect(read).toMatch(/^20\d\d-\d\d-\d\d$/)
    }
    for (const { source, read, principal } of readSentKeys()) {
      expect(source, principal).toMatch(PUBLISHED)
      expect(read).toMatch(/^20\d\d-\d\d-\d\d$/)
    }
  })

  it('covers over 300 properties of CloudFormation and over 200 of Terraform; here are 20 of them to look up', () => {
    const pairs = rows.flatMap(pairsOf)
    expect(new Set(pairs.filter(({ type }) => type.startsWith('AWS::')).map(key)).size).toBeGreaterThan(300)
    expect(new Set(pairs.filter(({ type }) => type.startsWith('aws_')).map(key)).size).toBeGreaterThan(200)
    const [picked = []] = sample(shuffledSubarray(pairs, { minLength: 20, maxLength: 20 }), {
      seed: Number(readConfigureGlobal()?.seed ?? 1),
      numRuns: 1,
    })
    expect(picked).toHaveLength(20)
    for (const { type, property, assumedBy, source } of picked)
      process.stdout.write(`${type} ${property}: ${assumedBy}\n    ${source}\n`)
  })

  it('is what npm run role-properties makes today, and no row is without a property', () => {
    const { assumers, unused } = generateAssumers(PROPERTIES)
    expect(assumers).toEqual(facts)
    expect(unused).toEqual([])
  })

  it('says why where no service or another role assumes it', () => {
    expect(rows.filter(({ assumedBy, note }) => /^[@-]/.test(assumedBy) && note === '')).toEqual([])
  })

  it('agrees with the facts about calls, which name who assumes a role where it is not who is passed to', () => {
    const differing = factServices().flatMap(service => {
      const { calls = [] } = factFile(service) ?? {}
      return calls.flatMap(({ operations }) =>
        Object.entries(operations).flatMap(([operation, roles]) => {
          const [role, ...others] = roles
          const own = assumersOfCall(`${service}:${operation}`)
          if (typeof role !== 'object' || others.length > 0) return []
          const [known] = role.assumedBy ?? []
          const [name] = namesOf(own)
          return known === undefined || own === null || known === name
            ? []
            : [`${service}:${operation} ${known} ${name}`]
        }),
      )
    })
    // The first version of Lex, whose guide names another service than the AWS managed policy.
    expect(differing).toEqual(['lex:PutBotAlias lexv2.amazonaws.com lex.amazonaws.com'])
  })
})

const key = ({ type, property }: { readonly type: string; readonly property: string }) => `${type} ${property}`
const namesOf = (one: RoleAssumers | null): readonly string[] =>
  one?.kind === 'services' ? one.services.map(({ names }) => names.join('|')) : []

describe('the service that assumes the role of a property', () => {
  it.each([
    ['AWS::Lambda::Function', 'Role', ['lambda.amazonaws.com']],
    ['AWS::RDS::DBInstance', 'MonitoringRoleArn', ['monitoring.rds.amazonaws.com']],
    ['AWS::IoT::RoleAlias', 'RoleArn', ['credentials.iot.amazonaws.com']],
    ['AWS::EKS::Nodegroup', 'NodeRole', ['ec2.amazonaws.com']],
    ['AWS::MWAA::Environment', 'ExecutionRoleArn', ['airflow.amazonaws.com', 'airflow-env.amazonaws.com']],
    ['AWS::Logs::SubscriptionFilter', 'RoleArn', ['logs.amazonaws.com|logs.{region}.amazonaws.com']],
    ['aws_sfn_state_machine', 'role_arn', ['states.amazonaws.com|states.{region}.amazonaws.com']],
    ['AWS::Cognito::IdentityPoolRoleAttachment', 'Roles{}', []],
    ['AWS::QuickSight::VPCConnection', 'RoleArn', []],
  ])('%s %s: %j', (type, property, expected) => {
    expect(namesOf(assumersOf(type, [property]))).toEqual(expected)
  })

  it('is EC2 for every instance profile, whatever the type', () => {
    expect(namesOf(assumersOf('AWS::Unknown::Type', ['Profile', 'x:Y', '', 'instance-profile']))).toEqual([
      'ec2.amazonaws.com',
    ])
    expect(assumersOf('AWS::Unknown::Type', ['RoleArn', 'x:Y'])).toBeNull()
  })

  it('also tags the sessions of pods, and sends what AWS publishes', () => {
    expect(assumersOf('AWS::EKS::PodIdentityAssociation', ['RoleArn'])).toEqual({
      kind: 'services',
      services: [{ names: ['pods.eks.amazonaws.com'], actions: ['sts:AssumeRole', 'sts:TagSession'], sends: [] }],
    })
    const pipes = assumersOf('AWS::Pipes::Pipe', ['RoleArn'])
    expect(pipes?.kind === 'services' ? pipes.services[0]?.sends : null).toEqual([
      { key: 'aws:SourceAccount', form: '{account}' },
      { key: 'aws:SourceArn', form: 'arn:{partition}:pipes:{region}:{account}:pipe/{Name}' },
    ])
  })

  it('is another role of the resource for an action of a pipeline', () => {
    expect(assumersOf('AWS::CodePipeline::Pipeline', ['Stages[].Actions[].RoleArn'])).toEqual({
      kind: 'role',
      property: 'RoleArn',
    })
  })

  it('is known by the call alone where all properties of the call agree', () => {
    expect(namesOf(assumersOfCall('lambda:CreateFunction'))).toEqual(['lambda.amazonaws.com'])
    expect(assumersOfCall('rds:CreateDBInstance')).toBeNull()
    expect(assumersOfCall('quicksight:CreateVPCConnection')).toBeNull()
    // Nothing is published about one of its properties.
    expect(assumersOfCall('ssm:CreateAssociation')).toBeNull()
  })
})

describe('the report of npm run facts', () => {
  it('names the types without a published service, and the age of the oldest source', () => {
    const properties = {
      'AWS::A::B': [['RoleArn', 'a:CreateB']],
      'AWS::C::D': [
        ['X.RoleArn', 'c:CreateD'],
        ['Y.RoleArn', 'c:CreateD'],
      ],
    } as const
    const assumers = { read: '', instanceProfile: '', types: { 'AWS::A::B': { RoleArn: 'a.amazonaws.com' } }, sent: {} }
    expect(
      assumersReport(properties, assumers, [{ read: '2026-11-29' }, { read: '2026-10-30' }], '2026-12-09'),
    ).toEqual([
      '? AWS::C::D X.RoleArn, Y.RoleArn: nothing published says who assumes it',
      '1 properties with a published answer to who assumes their role, 1 types with others; the oldest source was read 40 days ago (2026-10-30).',
    ])
  })
})
