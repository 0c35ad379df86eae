/** Repositories of many files, in each of which one place makes the role of the sample account. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The role that the sample event denies. */
export const ROLE = 'pipeline-deploy'

export type GeneratedRepository = {
  readonly name: string
  /** The text of file number `at`, of `count`. `grow`: repeats of its parts, for large files. */
  readonly file: (at: number, count: number, grow: number) => { readonly path: string; readonly text: string }
}

/** In the middle, so that neither end of the list is a short cut. */
const isOwner = (at: number, step: number, count: number): boolean =>
  Math.floor(at / step) === Math.floor(count / step / 2)

/** Four files a folder, each folder a root module with two roles; every third gets one of its roles from a shared module. */
const terraform: GeneratedRepository = {
  name: 'Terraform, two roles in every folder',
  file: (at, count, grow) => {
    const folder = Math.floor(at / 4)
    const path = (name: string) => `stacks/team-${folder % 50}/service-${folder}/${name}.tf`
    const parts = Array.from({ length: grow }, (_, part) => part)
    const name = isOwner(at, 4, count) ? ROLE : `service-${folder}-deploy`
    switch (at === 0 ? 'module' : at % 4) {
      case 'module':
        return { path: 'modules/role/main.tf', text: MODULE }
      case 0:
        return {
          path: path('main'),
          text: parts.map(part => bucketAndModule(folder, part)).join('\n'),
        }
      case 1:
        return { path: path('iam'), text: parts.map(part => roles(folder, part, part === 0 ? name : null)).join('\n') }
      case 2:
        return { path: path('variables'), text: parts.map(part => variables(part)).join('\n') }
      default:
        return { path: path('outputs'), text: parts.map(part => outputs(part)).join('\n') }
    }
  },
}

const bucketAndModule = (folder: number, part: number): string => `resource "aws_s3_bucket" "data_${part}" {
  bucket = "\${var.service_${part}}-data-${folder}"
  tags = {
    Team = "payments" # who is asked
    Stage = var.stage_${part}
  }
}

resource "aws_ecs_task_definition" "task_${part}" {
  family             = "service-${folder}-${part}"
  execution_role_arn = aws_iam_role.task_${part}.arn
  container_definitions = jsonencode([{ name = "web", image = "nginx:1.27", memory = 512 }])
}
${folder % 3 === 0 ? `\nmodule "worker_${part}" {\n  source  = "../../../modules/role"\n  service = "service-${folder}-${part}"\n}\n` : ''}`

const roles = (folder: number, part: number, name: string | null): string => `resource "aws_iam_role" "deploy_${part}" {
  name = ${name === null ? `"\${var.service_${part}}-${folder}-deploy-${part}"` : `"${name}"`}
  path = "/deploy/"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "codebuild.amazonaws.com" } }]
  })
}

resource "aws_iam_role" "task_${part}" {
  name               = "service-${folder}-task-${part}"
  assume_role_policy = data.aws_iam_policy_document.task_${part}.json
}

data "aws_iam_policy_document" "task_${part}" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy" "task_${part}" {
  name = "data"
  role = aws_iam_role.task_${part}.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["s3:GetObject"], Resource = "\${aws_s3_bucket.data_${part}.arn}/*" }]
  })
}
`

const variables = (part: number): string => `variable "service_${part}" {
  type        = string
  description = "The name of the service, as in its alarms."
  default     = "orders"
}

variable "stage_${part}" {
  type    = string
  default = "production"
}
`

const outputs = (part: number): string => `output "task_role_${part}" {
  value       = aws_iam_role.task_${part}.arn
  description = "For those who register a task definition elsewhere."
}
`

const MODULE = `variable "service" {
  type = string
}

resource "aws_iam_role" "this" {
  name               = "\${var.service}-worker"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}
`

/** A template a file, each with two roles: one named, one whose name CloudFormation generates. */
const cloudformation: GeneratedRepository = {
  name: 'CloudFormation, two roles in every template',
  file: (at, count, grow) => ({
    path: `templates/team-${at % 50}/service-${at}.yaml`,
    text: `AWSTemplateFormatVersion: '2010-09-09'
Parameters:
  Stage:
    Type: String
    Default: production
Resources:
${Array.from({ length: grow }, (_, part) => resources(at, part, isOwner(at, 1, count) && part === 0 ? ROLE : `service-${at}-deploy-${part}`)).join('')}`,
  }),
}

const resources = (at: number, part: number, name: string): string => `  Deploy${part}Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: ${name}
      Path: /deploy/
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Action: sts:AssumeRole
            Principal: { Service: codebuild.amazonaws.com }
  Task${part}Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Action: sts:AssumeRole
            Principal: { Service: ecs-tasks.amazonaws.com }
      Policies:
        - PolicyName: data
          PolicyDocument:
            Version: '2012-10-17'
            Statement:
              - Effect: Allow
                Action: s3:GetObject
                Resource: !Sub 'arn:\${AWS::Partition}:s3:::service-${at}-\${Stage}/*'
  Table${part}:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: !Sub 'service-${at}-\${Stage}-${part}'
      BillingMode: PAY_PER_REQUEST
      KeySchema: [{ AttributeName: id, KeyType: HASH }]
`

/** A repository in TypeScript, in which one file of `every` is a stack of a CDK app. */
const cdk = (name: string, every: number): GeneratedRepository => ({
  name,
  file: (at, count, grow) => {
    const parts = Array.from({ length: grow }, (_, part) => part)
    if (at === 0) return { path: 'cdk.json', text: '{ "app": "npx ts-node bin/app.ts" }\n' }
    if (at % every !== 0)
      return { path: `services/s${at % 97}/src/file-${at}.ts`, text: parts.map(part => ordinary(at, part)).join('\n') }
    const role = isOwner(at, every, count) ? ROLE : `service-${at}-deploy`
    return { path: `stacks/stack-${at}.ts`, text: stack(at, role, parts) }
  },
})

const ordinary = (
  at: number,
  part: number,
): string => `export type Order${part} = { readonly id: string; readonly cents: number }

export function total${part}(orders: readonly Order${part}[]): number {
  return orders.reduce((sum, { cents }) => sum + cents * ${at}, 0)
}
`

const stack = (at: number, name: string, parts: readonly number[]): string => `import { App, Stack } from 'aws-cdk-lib'
import * as iam from 'aws-cdk-lib/aws-iam'
import * as s3 from 'aws-cdk-lib/aws-s3'

const app = new App()
const stack = new Stack(app, 'Service${at}')
${parts
  .map(
    part => `const bucket${part} = new s3.Bucket(stack, 'Data${part}', { versioned: true })
const deploy${part} = new iam.Role(stack, 'Deploy${part}', {
  roleName: '${part === 0 ? name : `${name}-${part}-b`}',
  path: '/deploy/',
  assumedBy: new iam.ServicePrincipal('codebuild.amazonaws.com'),
})
bucket${part}.grantRead(deploy${part})
`,
  )
  .join('')}`

export const REPOSITORIES = {
  terraform,
  cloudformation,
  cdk: cdk('TypeScript, a tenth of it CDK', 10),
  'cdk-alone': cdk('TypeScript, all of it CDK', 1),
} as const
export type RepositoryName = keyof typeof REPOSITORIES

export function writeRepository(folder: string, { file }: GeneratedRepository, count: number): void {
  for (let at = 0; at < count; at += 1) {
    const { path, text } = file(at, count, 3)
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
}
