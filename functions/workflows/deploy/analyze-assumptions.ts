/** Whether the services that a deploy passes a role to will be able to assume it, before they try. */
import { assumeRole, descriptorOf } from '../../../core/actions/index.ts'
import { documentedNames, type Principal, UNKNOWN_PRINCIPAL } from '../../../core/denial/index.ts'
import { parseArn, parseRoleArn, roleArn } from '../../../core/iam/index.ts'
import {
  type Assumption,
  type DeployNeeds,
  denialOfAssumption,
  type MadeRole,
  type Need,
} from '../../../iac/needs/index.ts'
import type { AnalysisOptions } from '../denial/analyze-denial.ts'
import { withNamed } from './deploy-snapshot.ts'
import { type Answered, answerToDenial, unknownAnswer } from './need-answer.ts'
import type { NeedQuestion } from './need-question.ts'

type ServiceAssumption = Extract<Assumption, { kind: 'service' }>

/** What one service needs of a role that is passed to it. */
export type AssumptionQuestion = {
  readonly passed: NeedQuestion
  readonly need: Need
  /** The service; unknown where AWS publishes nothing about who assumes the role. */
  readonly by: Principal
  readonly assumption: ServiceAssumption | null
  /** The role as the source makes or sets it. */
  readonly made: MadeRole | null
}

type Options = AnalysisOptions & { readonly partition: string; readonly region: string | null }

/** For each service and action that a pass needs. AWS's own roles trust their services, and nobody can edit them. */
export function assumptionQuestions(passed: NeedQuestion, deploy: DeployNeeds): readonly AssumptionQuestion[] {
  const { need, exact } = passed
  const path = exact === null ? '/' : (parseRoleArn(exact)?.path ?? '/')
  if (!descriptorOf(need.action).passesRoles || /^\/aws-(?:service-role|reserved)\//.test(path)) return []
  const common = { passed, made: madeRoleOf(passed, deploy) }
  if (need.assumptions === null)
    return [{ ...common, need: asked(need, assumeRole.name), by: UNKNOWN_PRINCIPAL, assumption: null }]
  return need.assumptions.flatMap(assumption => {
    if (assumption.kind === 'role') return []
    const by: Principal = { ...UNKNOWN_PRINCIPAL, kind: 'service', name: assumption.names[0] ?? null }
    const perhaps = assumption.perhaps === undefined ? [] : [assumption.perhaps.action]
    const actions = new Set([...assumption.actions, ...perhaps])
    return [...actions].map(action => ({ ...common, need: asked(need, action), by, assumption }))
  })
}

/** What another role of the deploy needs: a pipeline's role assumes those of its actions. */
export function assumptionsByRoles({ action, assumptions, ...need }: Need): readonly Need[] {
  if (!descriptorOf(action).passesRoles) return []
  return (assumptions ?? []).flatMap(assumption =>
    assumption.kind === 'service' || assumption.role === null
      ? []
      : [
          {
            ...asked({ ...need, action, assumptions }, assumeRole.name),
            actor: { kind: 'role' as const, role: assumption.role },
          },
        ],
  )
}

const asked = (need: Need, action: Need['action']): Need => ({
  ...need,
  action,
  service: null,
  via: null,
  assumptions: [],
})

/** A role that the source makes without a fixed name is known by its place. */
function madeRoleOf({ exact, text: { resource } }: NeedQuestion, { made }: DeployNeeds): MadeRole | null {
  const here = made.find(role => role.scope === resource?.scope && role.logicalId === resource.logicalId)
  const named = exact === null ? null : parseRoleArn(exact)
  if (here !== undefined || named === null) return here ?? null
  const isNamed = ({ name, accountId }: MadeRole) =>
    name?.toLowerCase() === named.name.toLowerCase() && accountId === named.accountId
  return made.find(isNamed) ?? null
}

/** An action that only the deploy knows to be needed is allowed or not known. */
export async function answerToAssumption(question: AssumptionQuestion, options: Options): Promise<Answered> {
  const answer = await answerToService(question, options)
  const { assumption, need } = question
  const perhaps = assumption?.perhaps
  if (answer.answer !== 'denied' || perhaps?.action !== need.action || assumption?.actions.includes(need.action))
    return answer
  const { unknown } = perhaps
  return unknownAnswer(`Whether ${need.where.logicalId} needs ${need.action} is not known: ${unknown.why}.`, unknown)
}

/** Any one name of the service is enough. */
async function answerToService(question: AssumptionQuestion, options: Options): Promise<Answered> {
  const { assumption, need, passed } = question
  const { logicalId, property } = need.where
  if (assumption === null) {
    const why = 'AWS publishes nothing about it'
    const unknown = { fact: 'the service that assumes the role', why }
    return unknownAnswer(`Which service assumes the role of ${logicalId}.${property} is not known: ${why}.`, unknown)
  }
  const target = assumptionTarget(question, options)
  if (target === null) {
    const why = passed.unknown === null ? '' : `: ${passed.unknown.why}`
    return unknownAnswer(
      `Which role ${logicalId} names in ${property} is not known before the deploy${why}.`,
      passed.unknown,
    )
  }
  const answers: Answered[] = []
  for (const service of assumption.names.flatMap(name => inPartition(name, target.arn))) {
    const answer = await answerToName(service, question, target, options)
    if (answer.answer === 'allowed') return answer
    answers.push(answer)
  }
  const open = answers.find(({ answer }) => answer === 'unknown') ?? (await undocumentedName(question, target, options))
  return open ?? answers[0] ?? unknownAnswer('', null)
}

/**
 * Some services also assume roles under a name of their Region, or in China under one with the suffix, which IAM refuses for most.
 * Where AWS does not publish that, such a name is no proof.
 * https://github.com/terraform-aws-modules/terraform-aws-rds-aurora/issues/437
 */
async function undocumentedName(
  question: AssumptionQuestion,
  target: Target,
  options: Options,
): Promise<Answered | null> {
  const names = question.assumption?.names ?? []
  for (const name of names)
    for (const other of otherNames(name, target.arn, options.region)) {
      if (names.includes(other) || (await answerToName(other, question, target, options)).answer !== 'allowed') continue
      const why = `AWS does not publish whether ${name} assumes roles as ${other}`
      return unknownAnswer(`The trust policy names ${other}, and ${why}.`, { fact: 'the name of the service', why })
    }
  return null
}

const inChina = (role: string): boolean => role.startsWith('arn:aws-cn:')

function otherNames(name: string, role: string, region: string | null): readonly string[] {
  const regional = region === null ? name : name.replace(/^([a-z0-9-]+)\.amazonaws\.com$/, `$1.${region}.amazonaws.com`)
  const both = [...new Set([regional, name])]
  return [...both, ...(inChina(role) ? both.map(one => `${one}.cn`) : [])].filter(one => one !== name)
}

/**
 * In China, the name of a Region has the suffix.
 * https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/region-info/lib/default.ts (`regionalPartitional`)
 */
const inPartition = (name: string, role: string): readonly string[] =>
  inChina(role) && /\.cn-[a-z]+-\d\./.test(name)
    ? [name, `${name}.cn`]
    : documentedNames(name, parseArn(role)?.partition ?? '')

type Target = { readonly arn: string; readonly reader: AnalysisOptions['reader'] }

/** A role without a name is asked about under its logical id. Null: it is neither known nor made here. */
export function assumptionTarget({ passed, made }: AssumptionQuestion, { reader, partition }: Options): Target | null {
  if (passed.exact !== null) return { arn: passed.exact, reader }
  const accountId = made?.accountId ?? passed.by.accountId
  if (made === null || made.name !== null || accountId === null) return null
  const name = made.logicalId.replaceAll(/[^\w+=,.@-]/g, '-').slice(0, 64)
  const arn = roleArn(partition, accountId, name, made.path ?? '/')
  return { arn, reader: withNamed(reader, made, { partition, arn }) }
}

async function answerToName(
  service: string,
  { need, assumption }: AssumptionQuestion,
  { arn, reader }: Target,
  options: Options,
): Promise<Answered> {
  if (service.includes('{region}')) {
    const why = 'the Region is not known (--region)'
    const unknown = { fact: 'the Region', why }
    return unknownAnswer(`${service.replace('{region}', '*')} assumes the role, and ${why}.`, unknown)
  }
  const denial = denialOfAssumption(
    { action: need.action, service, sends: assumption?.sends ?? [] },
    arn,
    options.nowMs,
  )
  return answerToDenial(denial, { ...options, reader })
}
