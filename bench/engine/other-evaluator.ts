/**
 * The open evaluator that first looks are held against. It is AGPL-3.0, so it is no part of the lockfile or of the package: the bench
 * installs it for itself, outside of the tree. https://github.com/cloud-copilot/iam-simulate
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AccessRequest } from '../../core/iam/evaluation/evaluation.ts'

const VERSION = '0.1.173'
const NAME = '@cloud-copilot/iam-simulate'

export type OtherEvaluator = {
  /** From texts of identity policies to the answer. */
  readonly fromTexts: (texts: readonly string[], request: AccessRequest, accountId: string) => Promise<boolean>
  /** The engine alone, over policies that it has loaded. */
  readonly load: (text: string) => unknown
  readonly overLoaded: (policies: readonly unknown[], request: AccessRequest, accountId: string) => boolean
}

/** Null: it cannot be installed here. */
export async function otherEvaluator(): Promise<OtherEvaluator | null> {
  const folder = join(tmpdir(), `rolemedic-bench-iam-simulate-${VERSION}`)
  const package_ = join(folder, 'node_modules', NAME)
  if (!existsSync(package_)) {
    mkdirSync(folder, { recursive: true })
    const args = ['install', '--prefix', folder, '--no-save', '--ignore-scripts', `${NAME}@${VERSION}`]
    if (spawnSync('npm', args, { stdio: 'ignore', timeout: 120_000 }).status !== 0) return null
  }
  const at = (path: string) => import(join(package_, 'dist/esm', path))
  const [{ runSimulation }, { authorize }, { AwsRequestImpl }, { RequestContextImpl }, constraints, { loadPolicy }] =
    await Promise.all([
      ...[at('index.js'), at('core_engine/CoreSimulatorEngine.js'), at('request/request.js'), at('requestContext.js')],
      at('context_keys/discoveryContextKeyConstraints.js'),
      import(join(folder, 'node_modules/@cloud-copilot/iam-policy/dist/esm/index.js')),
    ])
  const everybody = { Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' }
  const rcp = loadPolicy({ Version: '2012-10-17', Statement: [everybody] }, { name: 'RCPFullAWSAccess' })
  const simulationParameters = {
    simulationMode: 'Strict',
    discoveryContextKeyConstraints: new constraints.DiscoveryContextKeyConstraints([]),
  }
  return {
    async fromTexts(texts, { principalArn: principal, action, resource }, accountId) {
      const { overallResult } = await runSimulation(
        {
          request: { principal, action, resource: { resource, accountId }, contextVariables: PASSED },
          identityPolicies: texts.map((text, n) => ({ name: `p${n}`, policy: JSON.parse(text) })),
          ...{ serviceControlPolicies: [], resourceControlPolicies: [] },
        },
        {},
      )
      if (overallResult === undefined) throw new Error('iam-simulate refuses a policy')
      return overallResult === 'Allowed'
    },
    load: text => loadPolicy(JSON.parse(text), { name: 'p' }),
    overLoaded(identityPolicies, { principalArn, roleArn, action, resource }, accountId) {
      const context = new RequestContextImpl({ ...PASSED, 'aws:PrincipalArn': roleArn })
      const request = new AwsRequestImpl(principalArn, { resource, accountId }, action, context)
      const resourceControlPolicies = [{ orgIdentifier: 'default', policies: [rcp] }]
      const policies = { identityPolicies, serviceControlPolicies: [], resourceControlPolicies }
      return authorize({ request, ...policies, simulationParameters }).result === 'Allowed'
    },
  }
}

const PASSED = { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' }

const ARCHIVE = 'https://github.com/zoph-io/MAMIP'
/** Of every kind: all, everything but, denials, long lists of one service, and job functions. */
const MANAGED =
  'AdministratorAccess PowerUserAccess ReadOnlyAccess SecurityAudit IAMFullAccess IAMReadOnlyAccess AmazonEC2FullAccess AmazonS3FullAccess AWSLambda_FullAccess AmazonECS_FullAccess AmazonRDSFullAccess AmazonDynamoDBFullAccess CloudWatchFullAccess AmazonSageMakerFullAccess AWSCloudFormationFullAccess AWSCodeBuildAdminAccess AWSCodePipeline_FullAccess AmazonEKSClusterPolicy AmazonEKSWorkerNodePolicy AWSGlueConsoleFullAccess AmazonElasticMapReduceFullAccess AWSStepFunctionsFullAccess AmazonEventBridgeFullAccess AmazonSNSFullAccess AmazonSQSFullAccess AmazonVPCFullAccess AWSBatchFullAccess AmazonRedshiftFullAccess AmazonMSKFullAccess AmazonAthenaFullAccess AWSBackupFullAccess AmazonSSMFullAccess AWSOrganizationsFullAccess AWSSupportAccess AmazonBedrockFullAccess AWSDenyAll AWSCompromisedKeyQuarantineV2 AdministratorAccess-Amplify AdministratorAccess-AWSElasticBeanstalk AmazonVPCReadOnlyAccess AmazonECSTaskExecutionRolePolicy AWSCloudTrail_FullAccess'.split(
    ' ',
  )

/**
 * The texts of policies that AWS manages, from a public archive of them, which is GPL-3.0 and no part of the tree. A git directory in
 * MANAGED_POLICIES takes its place. Null: it cannot be read here.
 */
export function managedPolicies(): readonly string[] | null {
  const given = process.env['MANAGED_POLICIES']
  const folder = given ?? mkdtempSync(join(tmpdir(), 'rolemedic-policies-'))
  try {
    if (given === undefined)
      execFileSync('git', ['clone', '-q', '--bare', '--depth', '1', ARCHIVE, folder], {
        stdio: 'ignore',
        timeout: 120_000,
      })
    return MANAGED.map(name => {
      const text = execFileSync('git', ['--git-dir', folder, 'show', `HEAD:policies/${name}`], { encoding: 'utf8' })
      return JSON.stringify(JSON.parse(text).PolicyVersion.Document)
    })
  } catch {
    return null
  } finally {
    if (given === undefined) rmSync(folder, { recursive: true, force: true })
  }
}
