/** The package as users get it: built, packed and installed offline with a given Node. */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'

export const root = resolve(import.meta.dirname, '../..')
const isWindows = process.platform === 'win32'

/** Programs on the PATH outside of this checkout. */
function onPath(name: string): string {
  const found = (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter(folder => !folder.includes('node_modules'))
    .map(folder => join(folder, isWindows ? `${name}.exe` : name))
    .find(existsSync)
  if (found === undefined) throw new Error(`${name} is not on the PATH`)
  return realpathSync(found)
}

/** Node programs: the one that runs the tests, the system's, and those in ROLEMEDIC_NODES. */
export function nodes(): readonly string[] {
  const more = (process.env['ROLEMEDIC_NODES'] ?? '').split(delimiter).filter(path => path !== '')
  return [...new Set([realpathSync(process.execPath), onPath('node'), ...more])]
}

/** The system's npm. */
export function npmCli(): string {
  const given = process.env['npm_execpath']
  if (given?.endsWith('npm-cli.js')) return given
  const npm = isWindows ? null : onPath('npm')
  if (npm?.endsWith('npm-cli.js')) return npm
  const node = dirname(onPath('node'))
  const places = ['../lib/node_modules/npm/bin/npm-cli.js', 'node_modules/npm/bin/npm-cli.js']
  const found = places.map(place => resolve(node, place)).find(existsSync)
  if (found === undefined) throw new Error('npm is not beside node')
  return found
}

export function run(
  program: string,
  args: readonly string[],
  options: { cwd: string; input?: string; env?: NodeJS.ProcessEnv },
) {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 64_000_000,
    input: '',
    ...options,
  })
  if (error !== undefined) throw error
  return { code: status, out: stdout, err: stderr }
}

export const npm = (node: string, args: readonly string[], cwd: string) => run(node, [npmCli(), ...args], { cwd })

export type Packed = { readonly file: string; readonly bytes: number; readonly files: readonly string[] }

export function pack(folder: string): Packed {
  const built = run(process.execPath, ['packaging/build.ts'], { cwd: root })
  if (built.code !== 0) throw new Error(built.err)
  const packed = npm(process.execPath, ['pack', '--json', '--pack-destination', folder], root)
  const [one] = JSON.parse(packed.out) as unknown as { filename: string; size: number; files: { path: string }[] }[]
  if (one === undefined) throw new Error(packed.err)
  return { file: join(folder, one.filename), bytes: one.size, files: one.files.map(({ path }) => path) }
}

export type Installed = { readonly bin: string; readonly folder: string; readonly version: string }

export function install(node: string, tarball: string): Installed {
  const folder = mkdtempSync(join(tmpdir(), 'rolemedic-install-'))
  const { code, err } = npm(
    node,
    ['i', '-g', '--prefix', folder, '--offline', '--no-audit', '--no-fund', tarball],
    folder,
  )
  if (code !== 0) throw new Error(err)
  return {
    bin: join(folder, isWindows ? '' : 'bin'),
    folder: join(folder, isWindows ? 'node_modules' : 'lib/node_modules', 'rolemedic'),
    version: run(node, ['--version'], { cwd: folder }).out.trim(),
  }
}

/** A folder with the files that the examples name. */
export function exampleFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rolemedic-examples-'))
  const event = join(root, 'events/ecs-register-task-definition.json')
  const files: { readonly [name: string]: string } = {
    'event.json': event,
    'my-event.json': event,
    'account.json': join(root, 'events/accounts/orders-dev.json'),
    'my-account.json': join(root, 'events/accounts/orders-dev.json'),
    'stack-events.json': join(root, 'events/deploys/stack-events/mailer.json'),
    'org.json': join(root, 'events/organization/o-abc123.json'),
    'rolemedic.config.json': join(root, 'rolemedic.config.json'),
    'rolemedic.deploy.json': join(root, 'rolemedic.deploy.json'),
  }
  for (const [name, from] of Object.entries(files)) cpSync(from, join(folder, name))
  cpSync(join(root, 'events'), join(folder, 'events'), { recursive: true })
  cpSync(join(root, 'events/deploys/cloudtrail'), join(folder, 'trail'), { recursive: true })
  writeFileSync(join(folder, 'my-config.json'), CONFIG)
  writeFileSync(join(folder, 'build.log'), LOG)
  writeFileSync(join(folder, 'template.yaml'), TEMPLATE)
  writeFileSync(join(folder, 'policy.json'), POLICY)
  mkdirSync(join(folder, 'empty'))
  mkdirSync(join(folder, 'infrastructure'))
  writeFileSync(join(folder, 'infrastructure/stack.yaml'), STACK)
  writeFileSync(join(folder, 'infrastructure/roles.tf'), TERRAFORM)
  return folder
}

/** Of somebody's own workspace: `config pack` refuses the ids of the sample. */
const CONFIG = JSON.stringify({ channel: 'C0DEPLOYS1', approvers: { users: ['U0ADALOVE1'] } })

const LOG = `2026-11-24T02:47:31.1234567Z Error: User: arn:aws:sts::111122223333:assumed-role/pipeline-deploy/AWSCodeBuild-5f1c2d3e is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/app/orders-task because no identity-based policy allows the iam:PassRole action
`

const TEMPLATE = `Resources:
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      TaskRoleArn: arn:aws:iam::111122223333:role/app/orders-task
`

/** Its role keeps out the service that it is given to. */
const STACK = `Resources:
  MailerRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal: { Service: ecs-tasks.amazonaws.com }
            Action: sts:AssumeRole
  Mailer:
    Type: AWS::Lambda::Function
    Properties:
      Role: !GetAtt MailerRole.Arn
      Runtime: nodejs24.x
      Handler: index.handler
      Code: { S3Bucket: code, S3Key: mailer.zip }
`

const TERRAFORM = `resource "aws_iam_role" "pipeline" {
  name               = "pipeline-deploy"
  path               = "/deploy/"
  assume_role_policy = data.aws_iam_policy_document.codebuild.json
}
`

const POLICY = `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:aws:iam::111122223333:role/app/*"}}
`
