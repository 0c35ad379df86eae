/**
 * AWS's own checks of a drafted patch, before a person sees it. They receive only the statements that the patch adds, so that
 * older statements do not count against it. A check that cannot run is only a warning.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-custom-policy-checks.html
 */

import {
  type AccessAnalyzerClient,
  type AccessCheckPolicyType,
  CheckAccessNotGrantedCommand,
  CheckNoNewAccessCommand,
  ValidatePolicyCommand,
} from '@aws-sdk/client-accessanalyzer'
import { type IAMClient, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam'
import type { AccessRequest, Statement } from '../../../../core/iam/index.ts'
import { changesTrust, diffDocuments, type GuardrailFinding, type PolicyChange } from '../../../../core/patch/index.ts'
import type { Config } from '../../../domain/config/index.ts'
import type { SecondOpinion } from '../../../ports/second-opinion.ts'

export type SecondOpinionDeps = {
  readonly config: Config
  readonly accessAnalyzer: AccessAnalyzerClient
  readonly iam: (accountId: string) => IAMClient
}

/** The limit of `CheckAccessNotGranted`. */
const MAX_ACTIONS = 100

export function secondOpinion({ config, accessAnalyzer, iam }: SecondOpinionDeps): SecondOpinion {
  const { secondOpinion: on, forbiddenActions } = config
  return {
    async ask(patch, requests) {
      const analyzed = (change: PolicyChange) => [
        guarded('access-analyzer-validate', () => validated(accessAnalyzer, change)),
        guarded('access-analyzer-new-access', () => onlyOurs(accessAnalyzer, change)),
        guarded('access-analyzer-forbidden', () => notForbidden(accessAnalyzer, change, forbiddenActions)),
      ]
      const simulated = (request: AccessRequest) =>
        guarded('policy-simulator', () => allowed(iam, patch.changes, request))
      const findings = await Promise.all([
        ...(on.accessAnalyzer ? patch.changes.flatMap(analyzed) : []),
        ...(on.policySimulator ? requests.map(simulated) : []),
      ])
      return findings.filter(finding => finding !== null)
    },
  }
}

type Asked = Promise<Omit<GuardrailFinding, 'id'> | null>
const PASS = { outcome: 'pass', detail: null } as const

async function guarded(id: string, ask: () => Asked): Promise<GuardrailFinding | null> {
  try {
    const finding = await ask()
    return finding === null ? null : { id, ...finding }
  } catch (fault) {
    const why = fault instanceof Error ? `${fault.name}: ${fault.message}` : String(fault)
    return { id, outcome: 'warn', detail: `AWS could not be asked: ${why}` }
  }
}

const typeOf = (change: PolicyChange): AccessCheckPolicyType =>
  changesTrust(change) ? 'RESOURCE_POLICY' : 'IDENTITY_POLICY'

/** The statements that the change adds or extends. */
function ours({ before, after }: PolicyChange): readonly Statement[] {
  const { added, extended } = diffDocuments(before, after)
  return [...added, ...extended.map(({ statement }) => statement)]
}

const text = (statements: readonly Statement[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements })

async function validated(client: AccessAnalyzerClient, change: PolicyChange): Asked {
  const { findings = [] } = await client.send(
    new ValidatePolicyCommand({
      policyDocument: text(ours(change)),
      policyType: typeOf(change),
      ...(changesTrust(change) ? { validatePolicyResourceType: 'AWS::IAM::AssumeRolePolicyDocument' as const } : {}),
    }),
  )
  const of = (type: string) => findings.find(({ findingType }) => findingType === type)
  const error = of('ERROR')
  if (error !== undefined) return { outcome: 'refuse', detail: `IAM would refuse it: ${error.findingDetails}` }
  const warning = of('SECURITY_WARNING')
  return warning === undefined ? PASS : { outcome: 'warn', detail: warning.findingDetails ?? 'a security warning' }
}

/** Only rolemedic's own statements may grant new access. A new policy has no old version to compare. */
async function onlyOurs(client: AccessAnalyzerClient, change: PolicyChange): Asked {
  const { before, after } = change
  if (before === null || before.Statement.length === 0) return null
  const { result, reasons = [] } = await client.send(
    new CheckNoNewAccessCommand({
      existingPolicyDocument: JSON.stringify(before),
      newPolicyDocument: JSON.stringify(after),
      policyType: typeOf(change),
    }),
  )
  if (result === 'PASS') return PASS
  const own = new Set(ours(change).map(statement => after.Statement.indexOf(statement)))
  const other = reasons.find(({ statementIndex }) => statementIndex === undefined || !own.has(statementIndex))
  return other === undefined ? PASS : { outcome: 'refuse', detail: `New access from elsewhere: ${other.description}` }
}

async function notForbidden(client: AccessAnalyzerClient, change: PolicyChange, actions: readonly string[]): Asked {
  if (actions.length === 0) return null
  const { result, message } = await client.send(
    new CheckAccessNotGrantedCommand({
      policyDocument: text(ours(change)),
      access: [{ actions: actions.slice(0, MAX_ACTIONS) }],
      policyType: typeOf(change),
    }),
  )
  return result === 'FAIL' ? { outcome: 'refuse', detail: message ?? 'it grants a forbidden action' } : PASS
}

/** Simulates only the caller's side: the simulator ignores trust policies for `sts:AssumeRole`. */
async function allowed(iam: SecondOpinionDeps['iam'], changes: readonly PolicyChange[], request: AccessRequest): Asked {
  const identity = changes.filter(change => !changesTrust(change))
  const source = request.roleArn ?? request.principalArn
  const [first] = identity
  if (first === undefined || !/:iam::\d{12}:(role|user)\//.test(source)) return null
  const { EvaluationResults = [] } = await iam(source.split(':')[4] ?? '').send(
    new SimulatePrincipalPolicyCommand({
      PolicySourceArn: source,
      ActionNames: [request.action],
      ResourceArns: [request.resource],
      PolicyInputList: identity.map(change => text(ours(change))),
      ContextEntries: Object.entries(request.context).flatMap(([key, fact]) =>
        fact.state === 'present' && SIMULATED.test(key)
          ? [{ ContextKeyName: key, ContextKeyValues: [...fact.values], ContextKeyType: 'string' as const }]
          : [],
      ),
    }),
  )
  const decision = EvaluationResults[0]?.EvalDecision
  switch (decision) {
    case 'allowed':
      return PASS
    case 'explicitDeny':
      return { outcome: 'refuse', detail: `IAM's simulator finds an explicit deny of ${request.action}.` }
    default:
      return { outcome: 'warn', detail: `IAM's simulator does not allow ${request.action} with the patch.` }
  }
}

/** The context keys that decide these actions. The simulator adds those of the principal. */
const SIMULATED =
  /^(iam:passedtoservice|iam:awsservicename|aws:(sourceip|requestedregion|multifactorauthpresent|viaawsservice))$/
