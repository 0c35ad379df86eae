/** Refusals of which a part is missing: whose they are can only be seen elsewhere. */
import { NAMES_WITHOUT_PREFIX } from '../../../actions/index.ts'
import { type HintForm, hintStep } from '../hint.ts'

const RECORD =
  'aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=OPERATION > events.json && rolemedic diagnose events.json'

export const CUT_FORMS: readonly HintForm[] = [
  {
    subject: 'encoded-message-cut',
    word: 'Encoded ',
    // Whole ones have hundreds of characters.
    form: /Encoded (?:authorization failure(?: message)?|Failure): ?["']?(?:[A-Za-z0-9_-]{0,1300}(?:\.\.\.|…)|[A-Za-z0-9_-]{1,99}(?![A-Za-z0-9_-])|[<[({]|$)/,
    unless: /not authorized to perform: [a-z0-9-]{1,40}:[A-Za-z0-9]{2,80} on|\bAWS Backup role/,
    meaning:
      'The encoded message is cut off, and AWS decodes only a whole one: what was denied cannot be read from this.',
    next: [
      hintStep('Copy the whole error from the terminal or the console and give it to rolemedic diagnose.'),
      hintStep(
        'If only CloudTrail has it, which cuts long messages, repeat the call in the AWS CLI, where the message is whole, such as aws ec2 run-instances --dry-run.',
        'aws sts decode-authorization-message --encoded-message MESSAGE',
      ),
    ],
    example: {
      text: 'UnauthorizedOperation: You are not authorized to perform this operation. Encoded authorization failure message: bXDzNlS...',
      source: 'https://github.com/crossplane-contrib/provider-aws/issues/624',
    },
  },
  {
    subject: 'other',
    word: 'policy allows the ',
    form: new RegExp(`because no [a-z-]{3,40} policy allows the (?:iam|sts):(?:${NAMES_WITHOUT_PREFIX}) action`),
    unless: /\bUser: anonymous is not authorized/,
    meaning: 'This is the end of a refusal that is about a role; who was refused, and which role, is cut off.',
    next: [
      hintStep('Copy the whole error, from "User: arn:" to its end, and give it to rolemedic diagnose.'),
      hintStep('Or take the record from CloudTrail.', RECORD),
    ],
    example: {
      text: '"because no identity-based policy allows the iam:PassRole action(Service:Lambda, status code:403)"',
      source: 'https://github.com/aws-samples/aws-security-hub-findings-export/issues/5',
    },
  },
  {
    subject: 'other',
    word: 'cannot be assumed',
    form: /(?:The role "arn:aws[^"\s]{1,300}"|IAM Role \(arn:aws[^)\s]{1,300}\)) cannot be assumed(?! by)/,
    // AWS's own error, which newer versions print too; and a host that was not reached.
    unless:
      /\bError: (?:operation error STS|[A-Z][A-Za-z]{3,40}: \S)|\bapi error\b|\bstatus code: \d|\bdial tcp\b|\bno such host\b|\bi\/o timeout\b|\bTLS handshake\b|\brequest send failed\b/,
    meaning:
      'Terraform could not assume a role before it did anything. Its text lists what may be the cause, and leaves out the error of AWS.',
    next: [
      hintStep(
        'Run the same call with the same credentials, and give rolemedic diagnose its error.',
        'aws sts assume-role --role-arn ROLE_ARN --role-session-name test',
      ),
      hintStep(
        'See whose credentials these are: root can assume no role, and the role has to trust this caller.',
        'aws sts get-caller-identity',
      ),
    ],
    example: {
      text: 'Error: The role "arn:aws:iam::111122223333:role/orders" cannot be assumed.',
      source: 'https://github.com/runatlantis/atlantis/issues/856',
    },
  },
  {
    subject: 'other',
    word: 'Invalid information in one or more fields',
    form: /Invalid information in one or more fields\. Check your information or contact your administrator/,
    meaning:
      'The console could not switch to the role, and does not say why: the account or the name of the role may be wrong, its trust policy may not let this caller in or ask for MFA, or the caller may not assume it.',
    next: [
      hintStep(
        'Assume the role with the AWS CLI and the same user, and give rolemedic diagnose its error.',
        'aws sts assume-role --role-arn ROLE_ARN --role-session-name test',
      ),
    ],
    example: {
      text: 'Invalid information in one or more fields. Check your information or contact your administrator.',
      source: 'https://repost.aws/knowledge-center/iam-assume-role-error',
    },
  },
]
