/** Deploys the files of a release unchanged: zips in a bucket, templates with parameters, no bootstrap. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStacksCommand,
  type Parameter,
} from '@aws-sdk/client-cloudformation'
import { GetRoleCommand, GetRolePolicyCommand, IAMClient } from '@aws-sdk/client-iam'
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundle } from '../../infra/bundle.ts'
import { FUNCTIONS } from '../../infra/functions.ts'
import { writeDeployment } from '../../packaging/deployment.ts'
import { zip } from '../../packaging/zip.ts'
import { type Moto, type MotoClient, startMoto } from './moto.ts'

const HUB = '111122223333'
const VERSION = '1.2.3'
const PREFIX = 'rolemedic/0a1b2c3d/'

let folder: string
let moto: Moto

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rolemedic-released-'))
  await writeDeployment(folder, VERSION)
  moto = await startMoto({ accountId: HUB })
})
afterAll(async () => {
  await moto.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** moto evaluates outputs without their conditions, so those of keys that are not made are left out. */
function templateOf(stack: string): string {
  const file = join(folder, 'templates/organization', `${stack}.template.json`)
  const { Outputs = {}, ...template } = JSON.parse(readFileSync(file, 'utf8')) as Template
  const unconditional = Object.entries(Outputs).filter(([, { Condition }]) => Condition === undefined)
  return JSON.stringify({ ...template, Outputs: Object.fromEntries(unconditional) })
}
type Template = { readonly Outputs?: { readonly [id: string]: { readonly Condition?: string } } }

/** moto's CloudFormation makes no HTTP API, and nothing else of the stack needs it. */
function withoutApi(text: string): string {
  const {
    Resources,
    Outputs = {},
    ...rest
  } = JSON.parse(text) as {
    readonly Resources: { readonly [id: string]: { readonly Type: string } }
    readonly Outputs?: { readonly [id: string]: object }
  }
  const isApi = (id: string) => Resources[id]?.Type.startsWith('AWS::ApiGatewayV2::') === true
  const names = Object.keys(Resources).filter(isApi)
  const listed = <T>(all: { readonly [id: string]: T }) =>
    Object.fromEntries(
      Object.entries(all).filter(
        ([id, one]) => !isApi(id) && !names.some(name => new RegExp(`"${name}"(?!:)`).test(JSON.stringify(one))),
      ),
    )
  return JSON.stringify({ ...rest, Resources: listed(Resources), Outputs: listed(Outputs) })
}

async function deployed(client: MotoClient, stack: string, parameters: { readonly [name: string]: string }) {
  const cloudformation = new CloudFormationClient(client)
  const Parameters = Object.entries(parameters).map(
    ([ParameterKey, ParameterValue]): Parameter => ({ ParameterKey, ParameterValue }),
  )
  const request = {
    StackName: stack,
    TemplateBody: withoutApi(templateOf(stack)),
    Parameters,
    Capabilities: ['CAPABILITY_NAMED_IAM' as const],
  }
  await cloudformation.send(new CreateStackCommand(request))
  const { Stacks = [] } = await cloudformation.send(new DescribeStacksCommand({ StackName: stack }))
  return Stacks[0]
}

describe('the released deployment', () => {
  it('has one zip per function without a configuration, with the same bytes each time', async () => {
    const bytesOf = (name: string) => readFileSync(join(folder, 'functions', `${name}-${VERSION}.zip`))
    for (const name of FUNCTIONS) {
      const bytes = bytesOf(name)
      const holds = ['index.mjs', 'rolemedic.config.json', 'rolemedic.write.json'].map(file => bytes.includes(file))
      expect([name, ...holds]).toEqual([name, true, false, false])
    }
    const again = mkdtempSync(join(tmpdir(), 'rolemedic-bundle-'))
    try {
      await bundle('sweep', again)
      expect(zip(again, file => file !== 'rolemedic.config.json').equals(bytesOf('sweep'))).toBe(true)
    } finally {
      rmSync(again, { recursive: true })
    }
  })

  it('makes the state of the bot', async () => {
    const state = await deployed(moto.client, 'rolemedic-state', {})
    expect(state?.StackStatus).toBe('CREATE_COMPLETE')
    expect(state?.Outputs?.map(({ OutputKey }) => OutputKey)).toEqual(
      expect.arrayContaining(['AlertTopicArn', 'AuditBucketName']),
    )
  })

  it('finds the code and the configuration in the bucket', async () => {
    const s3 = new S3Client({ ...moto.client, forcePathStyle: true })
    const Bucket = 'example-rolemedic-code'
    await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } }))
    const put = (Key: string, Body: Buffer) => s3.send(new PutObjectCommand({ Bucket, Key, Body }))
    for (const name of FUNCTIONS)
      await put(`${PREFIX}${name}-${VERSION}.zip`, readFileSync(join(folder, 'functions', `${name}-${VERSION}.zip`)))
    const config = mkdtempSync(join(tmpdir(), 'rolemedic-config-'))
    writeFileSync(join(config, 'rolemedic.config.json'), '{"approvers":{"users":["U0ONCALL1"]},"channel":"C0DEPLOYS"}')
    await put('rolemedic/config/1.zip', zip(config))
    rmSync(config, { recursive: true })

    const resources = JSON.parse(templateOf('rolemedic-bot')).Resources as {
      readonly [id: string]: { readonly Type: string; readonly Properties: { readonly Code?: CodeProperty } }
    }
    const codes = Object.values(resources).flatMap(({ Properties: { Code } = {} }) => Code ?? [])
    expect(codes.length).toBe(FUNCTIONS.length)
    for (const { S3Key } of codes) {
      const Key = S3Key['Fn::Join'][1].map(part => (typeof part === 'string' ? part : PREFIX)).join('')
      const object = await s3.send(new GetObjectCommand({ Bucket, Key }))
      expect([Key, object.ContentLength]).toEqual([
        Key,
        readFileSync(join(folder, 'functions', Key.slice(PREFIX.length))).length,
      ])
    }
  })

  const roleIn = (client: MotoClient, RoleName: string) =>
    new IAMClient(client).send(new GetRoleCommand({ RoleName })).then(
      ({ Role }) => decodeURIComponent(Role?.AssumeRolePolicyDocument ?? ''),
      () => null,
    )

  it('makes the reader role of a member, and no writer role unless it is asked for', async () => {
    const client = await moto.clientOf('444455556666')
    const stack = await deployed(client, 'rolemedic-roles', { ...ROLES, WriterRole: 'no' })
    expect(stack?.StackStatus).toBe('CREATE_COMPLETE')
    expect(await roleIn(client, 'rolemedic-reader')).toContain(`arn:aws:iam::${HUB}:role/rolemedic-propose`)
    expect(await roleIn(client, 'rolemedic-writer')).toBe(null)
  })

  it('makes the writer role with the external id, the organization and what is protected', async () => {
    const client = await moto.clientOf('777788889999')
    const ProtectedArns = 'arn:aws:iam::*:role/break-glass*,arn:aws:iam::*:role/*/break-glass*'
    const stack = await deployed(client, 'rolemedic-roles', { ...ROLES, WriterRole: 'yes', ProtectedArns })
    expect(stack?.StackStatus).toBe('CREATE_COMPLETE')
    const trust = await roleIn(client, 'rolemedic-writer')
    expect(trust).toContain('rolemedic-4f9c-2e71-b608')
    expect(trust).toContain('o-a1b2c3d4e5')
    const { PolicyDocument = '' } = await new IAMClient(client).send(
      new GetRolePolicyCommand({ RoleName: 'rolemedic-writer', PolicyName: 'protected' }),
    )
    expect(JSON.parse(decodeURIComponent(PolicyDocument)).Statement).toEqual([
      expect.objectContaining({ Effect: 'Deny', Resource: ProtectedArns.split(',') }),
    ])
  })
})

const ROLES = {
  ProtectedArns: '',
  HubAccountId: HUB,
  OrganizationId: 'o-a1b2c3d4e5',
  WriterExternalId: 'rolemedic-4f9c-2e71-b608',
  PermissionsBoundary: '',
}

type CodeProperty = { readonly S3Key: { readonly 'Fn::Join': readonly [string, readonly (string | object)[]] } }
