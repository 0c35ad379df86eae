/** One analysis as printed by `rolemedic diagnose --json`, with exactly these keys. */

import type { Refusal } from '../../../core/base/index.ts'
import type { Principal } from '../../../core/denial/index.ts'
import type { Diagnosis } from '../../../core/diagnosis/index.ts'
import {
  type AccessRequest,
  type AccessSnapshot,
  contextFact,
  parseRoleArn,
  type Statement,
} from '../../../core/iam/index.ts'
import type { PolicyChange, Verification } from '../../../core/patch/index.ts'
import type { Run } from '../../../core/runs/index.ts'
import type { Analysis } from '../../../functions/workflows/index.ts'
import type { LiveStats } from '../../live/live-access.ts'
import type { DiagnosisOutput } from '../../outputs/diagnosis.ts'
import { nextOf } from './next-steps.ts'
import { runOutput } from './run-output.ts'
import { timelineOutput } from './timeline-output.ts'

type Patches = DiagnosisOutput['patches']
type ShownVerification = NonNullable<DiagnosisOutput['verification']>

/** `line`: of a text or log, where the denial is. */
export function diagnosisOutput(
  analysis: Analysis,
  line: number | null = null,
  stats: LiveStats | null = null,
  run: Run | null = null,
): DiagnosisOutput {
  const { denial, snapshot, diagnosis, patch, followUps, handOver, verification, refusal } = analysis
  const { principal } = denial
  return {
    schema: 'rolemedic.diagnosis/1',
    line,
    denial: {
      id: denial.id,
      time: denial.timeMs === null ? null : new Date(denial.timeMs).toISOString(),
      accountId: denial.accountId,
      region: denial.region,
      action: denial.action,
      principal: {
        kind: principal.kind,
        arn: principal.arn,
        roleArn: roleArnOf(principal, snapshot.caller),
        accountId: principal.accountId,
      },
      resource: denial.resource,
      reason: denial.reason,
      reasonPolicyArn: denial.reasonPolicyArn,
      authorizationId: denial.authorizationId,
      encodedMessage: denial.encodedMessage !== null,
      call: { eventSource: denial.call.eventSource, eventName: denial.call.eventName },
      via: denial.via,
    },
    diagnosis: {
      verdict: diagnosis.verdict,
      cause: diagnosis.cause,
      summary: diagnosis.summary,
      evidence: diagnosis.evidence.map(({ policyType, policy, attachedTo, statement, sid, finding }) => ({
        policyType,
        policy,
        attachedTo,
        statement,
        sid,
        finding,
      })),
      unknowns: diagnosis.unknowns.map(({ fact, why }) => ({ fact, why })),
    },
    next: [...nextOf(analysis)],
    patches: patch === null ? [] : [...patch.changes, ...followUps].map(patchOutput),
    verification: verification === null ? null : verificationOutput(verification),
    refusal:
      patch === null && refusal !== null
        ? { code: refusal.code, message: refusalMessage(refusal, diagnosis), owner: refusal.owner }
        : null,
    suggestion: patch === null && handOver !== null ? suggestionOutput(handOver) : null,
    timeline: timelineOutput(analysis.timeline ?? null),
    run: runOutput(run),
    ...(stats === null ? {} : { stats: { calls: stats.calls, depth: stats.depth, ms: stats.ms } }),
  }
}

/** For an error text without policies: the statement that is most likely missing, and where it belongs. */
export function suggestionOf(
  handOver: NonNullable<Analysis['handOver']>,
): { readonly statement: Statement; readonly attachTo: string | null } | null {
  if (handOver.kind === 'trust') return { statement: handOver.statement, attachTo: handOver.role }
  const { target, after } = handOver.change
  const [statement] = after.Statement
  return statement === undefined ? null : { statement, attachTo: target.arn === '' ? null : target.arn }
}

function suggestionOutput(handOver: NonNullable<Analysis['handOver']>): DiagnosisOutput['suggestion'] {
  const suggestion = suggestionOf(handOver)
  if (suggestion === null) return null
  const { statement, attachTo } = suggestion
  return { statement: { ...statement }, attachTo, verified: false }
}

/** The role ARN with its path. A session ARN lacks the path, but the role that was read has it. */
function roleArnOf({ roleArn, pathKnown }: Principal, caller: AccessSnapshot['caller']): string | null {
  if (roleArn === null || pathKnown || caller.kind !== 'found') return roleArn
  return parseRoleArn(caller.value.arn) === null ? roleArn : caller.value.arn
}

/** If the cause itself is the refusal, the next steps follow. Each command extends to the end of its line. */
function refusalMessage({ code, message }: Refusal, { summary, nextSteps }: Diagnosis): string {
  if (message !== summary && code !== 'not-proved') return message
  const steps = nextSteps.map(({ text, command }) => (command === null ? text : `${text} Run: ${command}\n`))
  return [message, ...steps].join(' ').replaceAll('\n ', '\n').trimEnd()
}

export function patchOutput({ target, before, after, digest, required }: PolicyChange): Patches[number] {
  const { kind, accountId, name, policyName } = target
  return { target: { kind, accountId, name, policyName }, before, after, digest, required }
}

export function verificationOutput(verification: Verification): ShownVerification {
  const { before, after, controls, risk, approvers, guardrails, counterexample } = verification
  return {
    before,
    after,
    controls: { evaluated: controls.evaluated, changed: controls.changed },
    proof: proofOutput(verification),
    counterexample: counterexample === null ? null : counterexampleOutput(counterexample),
    risk,
    approvers,
    guardrails: guardrails.map(({ id, outcome, detail }) => ({ id, outcome, detail })),
  }
}

/** A refusal without a counterexample: the proof cannot decide, or none was found. */
function proofOutput({ proof, counterexample }: Verification): ShownVerification['proof'] {
  if (counterexample !== null) return 'refuted'
  switch (proof?.outcome) {
    case 'nothing-else':
    case 'others-too':
      return 'proved'
    case 'more':
    case undefined:
      return 'not-decided'
  }
}

function counterexampleOutput(request: AccessRequest): NonNullable<ShownVerification['counterexample']> {
  const { principalArn, action, resource, context } = request
  const service = contextFact(context, 'iam:PassedToService')
  return {
    principal: principalArn,
    action,
    resource,
    service: service.state === 'present' ? (service.values[0] ?? null) : null,
  }
}
