/**
 * Refusals whose words do not say what was denied to whom: it may be one of our actions. Each has a sentence that says what was
 * seen and what to do, so that a refusal is never answered with "no denial".
 */
import { ACTIONS, NAMES_WITHOUT_PREFIX } from '../../actions/index.ts'

export type UnclearRefusal = {
  /** What the words mean, and what to do. */
  readonly advice: string
  /** No policy was asked: a wrong code of an MFA device. */
  readonly besidesPolicies: boolean
  /** Its position in the text. */
  readonly at: number
}

type Form = {
  readonly form: RegExp
  readonly advice: string
  readonly besidesPolicies?: true
  /** Too common in logs to be worth a word. */
  readonly inLogs?: false
}

const RECORD =
  'get the CloudTrail record of the call (aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=OPERATION > events.json) and run rolemedic diagnose events.json'

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html */
export const CUT_ENCODED = `the encoded message is cut off, and AWS decodes only a whole one: copy the whole error, or ${RECORD} with --live`

export const WHOLE_ENCODED =
  'the denied action is only in the encoded message: run aws sts decode-authorization-message --encoded-message MESSAGE with the credentials of the same account, and give rolemedic diagnose what it prints'

const DENIED =
  '(?:denied|not authori[sz]ed|unauthori[sz]ed|forbidden|refused|not allowed|not permitted|no [a-z -]{3,40}polic(?:y|ies) allows|explicit deny|permissions?|lacks)'
/** What happens to a service-linked role where the caller may not create it. */
const REFUSED_OR_FAILED = `(?:${DENIED}|unable to|could not|couldn't|cannot|can't|failed)`
const LINKED = 'service[-_ ]?linked[-_ ]?roles?'
const OPERATIONS = [...new Set(ACTIONS.flatMap(({ record }) => record.operations))].join('|')
const OURS = String.raw`(?:(?:iam|sts):(?:${NAMES_WITHOUT_PREFIX})|(?:${OPERATIONS}|PassRole))\b`

/** On one line, in this order or the other. */
const LINKED_REFUSED = new RegExp(
  String.raw`${LINKED}[^\n]{0,200}?${REFUSED_OR_FAILED}|${REFUSED_OR_FAILED}[^\n]{0,200}?${LINKED}`,
  'i',
)
const OURS_DENIED = new RegExp(String.raw`${OURS}[^\n]{0,200}?${DENIED}|${DENIED}[^\n]{0,200}?${OURS}`, 'i')

const SOMETHING = `something was denied, and the text does not say what: copy the whole error, or ${RECORD}`

/** The most particular form first. */
const FORMS: readonly Form[] = [
  {
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_sample-code.html
    form: /MultiFactorAuthentication failed/,
    advice:
      'AWS did not accept the MFA code, so that no policy was asked: use a new code, as each counts once, and check that the serial number is that of a device of the same user (aws iam list-mfa-devices)',
    besidesPolicies: true,
  },
  {
    form: /Encoded (?:authorization )?failure(?: message)?: ?["']?(?:[A-Za-z0-9_-]{0,20000}(?:\.\.\.|…)|[<[({]|\s{0,20}$)/i,
    advice: CUT_ENCODED,
  },
  {
    form: /not authorized to use (?:the )?launch template/i,
    advice: `this answer hides which permission of the launch is missing: ec2:RunInstances, ec2:CreateTags, or iam:PassRole for the role of the instance profile. Run aws ec2 run-instances --dry-run --launch-template LaunchTemplateName=NAME with the same credentials, and give rolemedic diagnose its error`,
  },
  {
    form: /You are not authorized to perform this operation\b/i,
    advice: `EC2 names the denied action only in its encoded message, and this text has none: copy the whole error, or ${RECORD} with --live`,
  },
  {
    form: LINKED_REFUSED,
    advice:
      'a service-linked role was refused, and the text does not say to whom: the caller needs iam:CreateServiceLinkedRole for that service, or somebody who has it creates the role once (aws iam create-service-linked-role --aws-service-name SERVICE.amazonaws.com). For a diagnosis, get the CloudTrail record of CreateServiceLinkedRole in us-east-1 and run rolemedic diagnose on it',
  },
  {
    // As JSON, YAML and text: https://docs.aws.amazon.com/cli/latest/reference/iam/simulate-principal-policy.html
    // https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
    form: new RegExp(
      String.raw`EvalActionName["']?: ?["']?${OURS}[^}]{0,400}?\bEvalDecision["']?: ?["']?(?:im|ex)plicitDeny\b|\bEVALUATIONRESULTS[ \t]{1,9}${OURS}[ \t]{1,9}(?:im|ex)plicitDeny\b`,
    ),
    advice: `this is what the policy simulator says of a call that was not made: it asks no trust policy of a role, and knows iam:PassedToService only where it is told. Give rolemedic diagnose the error of the call, or ${RECORD}`,
  },
  {
    // MediaLive, of all that the call needs.
    form: new RegExp(
      String.raw`permissions are needed for this call[:\s]{1,9}(?:["'\\]{0,3}[a-z0-9-]{2,40}:[A-Za-z]{2,60}["'\\]{0,3}[,\s]{1,9}){0,12}["'\\]{0,3}${OURS}`,
    ),
    advice: `the text lists what the call needs, one of our actions among it, and not which of it is missing: ${RECORD}`,
  },
  {
    form: OURS_DENIED,
    advice: `the text names one of our actions beside a refusal, without the sentence that says who was denied what: copy the whole error, from "User: arn:" to its end, or ${RECORD}`,
  },
  {
    form: /\bdenied\b|access[- ]?denied|not authori[sz]ed|unauthori[sz]ed|\bforbidden\b|explicit deny|An unknown error occurred|no [a-z -]{3,40}polic(?:y|ies) allows/i,
    advice: SOMETHING,
    inLogs: false,
  },
  {
    form: /\bstatus ?code: 403\b/i,
    advice: SOMETHING,
    inLogs: false,
  },
]

export function unclearRefusalIn(text: string, { isLog }: { readonly isLog: boolean }): UnclearRefusal | null {
  for (const { form, advice, besidesPolicies = false, inLogs = true } of FORMS) {
    if (isLog && !inLogs) continue
    const match = form.exec(text)
    if (match !== null) return { advice, besidesPolicies, at: match.index }
  }
  return null
}
