/** What the templates cannot do: allow the hub to read the organization, protect the hub, and deploy the member stacks to every account. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { partitionOfRegion } from '../core/iam/index.ts'
import { shell } from '../core/patch/index.ts'
import { PREFIX, withPath } from './names.ts'
import { organizationsPolicy } from './organizations-policy.ts'
import { type DeploySettings, memberRegions } from './settings.ts'

/** Keyed by the name of the file that `npm run synth` writes next to the templates. `folder`: their location, for a person at a shell. */
export function rollOutFiles(settings: DeploySettings, folder: string): { readonly [file: string]: string } {
  const { organization } = settings
  if (organization === null) return {}
  return {
    'organizations-policy.json': `${JSON.stringify(organizationsPolicy(settings, organization.hubAccountId), null, 2)}\n`,
    ...Object.fromEntries(
      [...HUB_POLICIES, OPERATORS_POLICY].map(name => [
        `${name}.json`,
        policyFile(name, settings, organization.hubAccountId),
      ]),
    ),
    'roll-out.txt': `${stackSetCommands(settings, organization.hubAccountId, folder).join('\n\n')}\n`,
  }
}

const EXAMPLE_HUB = '111122223333'

/** The SCPs for the hub, which the management account attaches. */
export const HUB_POLICIES = ['hub-scp-code', 'hub-scp-data'] as const
/** What the on-call role may do in the hub. */
export const OPERATORS_POLICY = 'platform-operates-rolemedic'

/** A file of `infra/policies`, for this hub, partition and role path. What only the deployment knows has a placeholder. */
function policyFile(name: string, settings: DeploySettings, hubAccountId: string): string {
  const text = readFileSync(join(import.meta.dirname, `policies/${name}.json`), 'utf8')
  const { endpoint, existing } = settings
  const known = { HOST: endpoint?.domainName, 'AUDIT-BUCKET': existing.auditBucket }
  const own = text
    .replaceAll(EXAMPLE_HUB, hubAccountId)
    .replaceAll('arn:aws:', `arn:${partitionOfRegion(settings.region)}:`)
    .replaceAll(/:(role|policy)\/rolemedic-/g, (_, kind: string) => `:${kind}/${withPath(settings, `${PREFIX}-`)}`)
  return Object.entries(known).reduce(
    (all, [what, value]) => (value === undefined ? all : all.replaceAll(`REPLACE-WITH-THE-${what}`, value)),
    own,
  )
}

/**
 * The default deploys one account after another and stops at the first failure.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_StackSetOperationPreferences.html
 */
const OPERATION_PREFERENCES =
  'MaxConcurrentPercentage=25,FailureTolerancePercentage=10,ConcurrencyMode=SOFT_FAILURE_TOLERANCE,RegionConcurrencyType=PARALLEL'

function stackSetCommands(settings: DeploySettings, hubAccountId: string, folder: string): readonly string[] {
  const of = (name: string, regions: readonly string[], more = '') =>
    stackSet(name, shell(`file://${folder}/${PREFIX}-${name}.template.json`), hubAccountId, regions, more)
  return [
    ...of('roles', [settings.region], '--parameters ParameterKey=WriterRole,ParameterValue=no'),
    ...of('member', memberRegions(settings)),
  ]
}

function stackSet(
  name: string,
  body: string,
  hub: string,
  regions: readonly string[],
  more: string,
): readonly string[] {
  const set = `--stack-set-name ${PREFIX}-${name}`
  return [
    command([
      `aws cloudformation create-stack-set ${set} --permission-model SERVICE_MANAGED`,
      '--auto-deployment Enabled=true,RetainStacksOnAccountRemoval=false --managed-execution Active=true',
      `--capabilities CAPABILITY_NAMED_IAM --template-body ${body}`,
      more,
    ]),
    command([
      `aws cloudformation create-stack-instances ${set} --regions ${regions.join(' ')}`,
      `--deployment-targets OrganizationalUnitIds=<unit>,Accounts=${hub},AccountFilterType=DIFFERENCE`,
      `--operation-preferences ${OPERATION_PREFERENCES}`,
    ]),
  ]
}

const command = (lines: readonly string[]): string => lines.filter(line => line !== '').join(' \\\n  ')
