/** The roles that services could not use in a failed deploy: judged by its template and by IAM, never by its texts. */

import type { Denial } from '../../core/denial/index.ts'
import { partitionOfRegion } from '../../core/iam/index.ts'
import type { DeployNeeds } from '../../iac/needs/index.ts'
import {
  type FailureReason,
  type FaultAnswer,
  faultDenial,
  serviceReports,
  type TrustFault,
  toolOf,
} from '../domain/deploy/index.ts'
import type { DeployReader } from '../ports/deploy-reader.ts'
import type { Observer } from '../ports/observer.ts'
import type { FaultQuestion, JudgedFaults } from '../workflows/deploy/judge-trust-faults.ts'
import type { Investigation } from './investigate-deploy.ts'
import { stackArn } from './read-template.ts'

export type JudgeFaults = (question: FaultQuestion, nowMs: number) => Promise<JudgedFaults>

export type JudgeFaultsDeps = {
  readonly reader: Pick<DeployReader, 'template'>
  readonly judge: JudgeFaults
  readonly observer: Observer
}

export type ReportedFaults = {
  /** Without a card. */
  readonly faults: readonly TrustFault[]
  /** The needs that a change can meet, where the failure itself shows them. */
  readonly denials: readonly Denial[]
}

const MAX_STACKS = 3
const MAX_STORED = 10
const MAX_SUMMARY_CHARS = 600
const KNOWN: readonly FaultAnswer[] = ['patch', 'retry', 'code', 'missing', 'owner']

export async function judgeReported(
  read: Investigation,
  nowMs: number,
  deps: JudgeFaultsDeps,
): Promise<ReportedFaults> {
  const { deploy, reasons, stackIds } = read
  const { mayStartProposal, stackOf } = toolOf(deploy)
  // A stack says itself that its own role cannot be assumed.
  const isOfStack = ({ resource, resourceType }: FailureReason) =>
    stackOf(deploy) !== null && resource === null && resourceType === null
  const reports = serviceReports(reasons.filter(mayStartProposal))
  const ofStack = serviceReports(reasons.filter(isOfStack))
  if (reports.length + ofStack.length === 0) return { faults: [], denials: [] }
  const { source, by } = await sourceOf(read, deps)
  const { accountId, region } = deploy
  const question: FaultQuestion = {
    ...{ reports, source, accountId, region, principal: by, partition: partitionOfRegion(region) },
    stack: stackIds.length === 0 ? null : (stackIds[0]?.split('/')[1] ?? stackIds[0] ?? null),
  }
  // The template gives the stack no role.
  const own =
    ofStack.length === 0 ? [] : (await deps.judge({ ...question, reports: ofStack, source: null }, nowMs)).faults
  const faults = [...own, ...(reports.length === 0 ? [] : (await deps.judge(question, nowMs)).faults)]
  // A probable cause makes no card.
  const isCard = ({ denial, fault }: (typeof faults)[number]) => denial !== null && fault.certainty === 'certain'
  const denials = faults
    .filter(isCard)
    .flatMap(({ denial, report }) => (denial === null ? [] : [faultDenial(denial, deploy, report.reason)]))
  const others = faults.filter(one => !isCard(one)).map(({ fault }) => fault)
  return { faults: others.filter(isTold).slice(0, MAX_STORED).map(stored), denials }
}

/** What nobody knows is said only where a service's own sentence says that it failed. */
const isTold = ({ answer, certainty }: TrustFault): boolean => certainty === 'certain' || KNOWN.includes(answer)

const stored = (fault: TrustFault): TrustFault => ({ ...fault, summary: fault.summary.slice(0, MAX_SUMMARY_CHARS) })

async function sourceOf({ deploy, stackIds }: Investigation, { reader, observer }: JudgeFaultsDeps) {
  const parts: DeployNeeds[] = []
  let by: string | null = null
  const { stackDeploy } = await import('../../iac/needs/stack-needs.ts')
  for (const stackId of stackIds.slice(0, MAX_STACKS)) {
    const template = await reader.template(deploy, stackId)
    const read = template.known ? stackDeploy(stackArn(stackId, deploy), template.value) : null
    if (template.known) by ??= template.value.roleArn
    if (read?.ok === true) parts.push(read.value)
    else observer.log('warn', 'template_unread', { stack: stackId, why: template.known ? 'unreadable' : template.why })
  }
  if (parts.length === 0) return { source: null, by }
  const source: DeployNeeds = {
    needs: parts.flatMap(part => part.needs),
    made: parts.flatMap(part => part.made),
    profiles: parts.flatMap(part => part.profiles),
    deployRole: null,
    unread: [],
  }
  return { source, by }
}
