/** What is handed to an administrator, as the first next step of an answer that no policy proves. */
import { descriptorOf } from '../../actions/index.ts'
import type { Denial } from '../../denial/index.ts'
import { callerLabel, type Diagnosis, ownedRole } from '../../diagnosis/index.ts'
import { parseArn } from '../../iam/index.ts'
import type { HandOver } from '../drafting/hand-over.ts'
import { toAwsCli } from './cli.ts'

const NOT_VERIFIED = 'Not verified against your policies'
/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html */
const HIDDEN_ACCOUNT = 'The text hides the account: put its id in its place, as asterisks are every account.'

type Step = Diagnosis['nextSteps'][number]

export function withHandOver(denial: Denial, diagnosis: Diagnosis, given: HandOver | null): Diagnosis {
  if (given === null) return diagnosis
  return { ...diagnosis, nextSteps: [stepOf(denial, diagnosis, given), ...diagnosis.nextSteps] }
}

function stepOf(denial: Denial, diagnosis: Diagnosis, given: HandOver): Step {
  if (given.kind === 'trust')
    return {
      text: `Add the statement that the trust policy${given.role === null ? '' : ` of role ${nameIn(given.role)}`} most likely lacks: ${JSON.stringify(given.statement)}. ${NOT_VERIFIED}.`,
      command: null,
      owner: null,
    }
  const { verb } = descriptorOf(denial.action).wording
  const services = given.services ?? diagnosis.passedService?.services ?? []
  const to = given.services !== undefined || services.length === 0 ? '' : ` to ${services.join(' or ')}`
  const owned = ownedRole(denial, `${denial.action} on ${denial.resource}${to}`)
  if (owned !== null) return owned.step
  return {
    text: [
      `Allow ${callerLabel(denial)} to ${verb} ${given.services === undefined ? `role ${nameIn(denial.resource)}` : denial.resource}${to} (${denial.action}), and no more.`,
      ...remarksOn(given),
    ].join(' '),
    command:
      given.services !== undefined || given.isMasked === true
        ? null
        : toAwsCli(given.change)
            .split('\n')
            .filter(line => line !== '' && !line.startsWith('#'))
            .join(' && '),
    owner: 'an administrator of the account',
  }
}

/** What a reader has to know of the statement: its open places, and that no policy was read. */
export function remarksOn(given: HandOver): readonly string[] {
  if (given.kind === 'trust') return [`${NOT_VERIFIED}.`]
  const { services, isMasked } = given
  return [
    ...(services === undefined
      ? []
      : [
          `Put the service that receives the role in place of SERVICE.amazonaws.com: for this call most likely ${orList(services)}.`,
        ]),
    ...(isMasked === true ? [HIDDEN_ACCOUNT] : []),
    `${NOT_VERIFIED}.`,
  ]
}

const nameIn = (arn: string | null): string =>
  parseArn(arn ?? '')
    ?.resource.split('/')
    .at(-1) ?? 'it'

const orList = (names: readonly string[]): string =>
  [names.slice(0, -1).join(', '), ...names.slice(-1)].filter(part => part !== '').join(' or ')
