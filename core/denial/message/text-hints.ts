/** Hints from the text around a denial: the tool, the provider of a token, a role named next to it. */
import type { TextHints, Tool } from '../denial.ts'
import { arnAt } from './arn-in-text.ts'

const MAX_BEFORE_CHARS = 1_600
const MAX_AFTER_CHARS = 900

/** The first match wins: a tool that runs another tool comes first. */
const TOOLS: readonly (readonly [Tool, RegExp])[] = [
  [
    'github-action',
    /configure-aws-credentials|role-to-assume|##\[(?:error|debug|group)\]|\bGitHub ?Actions?\b|assumed-role\/[^ ]{1,80}\/GitHubActions\b|Could not assume role with (?:OIDC|user credentials)/i,
  ],
  ['cdk', /\bcdk (?:deploy|diff|synth|bootstrap|destroy)\b|\bcdk-[a-z0-9]{1,10}-[a-z-]{4,20}-role-|did you bootstrap/i],
  ['pulumi', /\bpulumi\b/i],
  [
    'terraform',
    /\bterraform\b|\bterragrunt\b|\bhelper_schema\b|with provider\[|\bstatus code: 40\d, request id: [^\n]{0,60}\n[^\n]{0,4}with /i,
  ],
  ['aws-vault', /\baws-vault\b/],
  ['vault', /\bvault (?:read|write|secrets)\b|role_arns=/],
  [
    'kubectl',
    /\bkubectl\b|\beks (?:get-token|update-kubeconfig)\b|getting credentials: exec|could not get token: |\bhelm (?:upgrade|install)\b/,
  ],
  [
    'kubernetes',
    /WebIdentityErr|token-file-web-identity|serviceaccount|\bkube-system\b|controller-runtime|external-(?:dns|secrets)|\bIRSA\b|\bkarpenter\b/i,
  ],
  ['amplify', /\bamplify\b/i],
  ['serverless', /\bServerless ?Error\b|\bserverless (?:deploy|framework)\b/i],
  ['sam', /\bsam (?:deploy|build|package|pipeline)\b|ResourceStatusReason/],
  ['aws-cli', /\baws (?:sts|ecs|lambda|iam|s3|ec2|cloudformation|eks) |An error occurred \(/],
]

/** A command of the AWS CLI and, on the next line, its own error: no tool that is named further away made the call. */
const COMMAND_BEFORE =
  /\baws sts assume-role[^\n]{0,400}\n{1,2}[ \t]{0,8}An error occurred \([A-Za-z]{1,40}\) when calling the AssumeR[A-Za-z]{1,40} operation: ?$/

/**
 * A role named in a setting, an option, the log of kube2iam or a message about the same attempt. In the log of kiam it may be another
 * one than was denied, as kiam can assume a role of its own first.
 * https://github.com/jtblin/kube2iam/issues/175 · https://github.com/uswitch/kiam/issues/33
 */
const BESIDE =
  /(?:role[-_ ]?to[-_ ]?assume|role[-_]arns?|\bns\.name["']?[=:]["']?[a-z0-9-]{1,63}["']?[ ,]["']?pod\.iam\.role|assume[-_]role[-_]arn|AWS_ROLE_ARN|RoleArn|iam_role_arn|--?role|eks\.amazonaws\.com\/role-arn|(?:assum(?:e|ing)|AssumeRole for) (?:the )?(?:IAM )?role|IAM Role| -r)["'`]{0,2}\s{0,2}[:=(]?\s{0,2}["'`(]{0,2}(?=arn:)/gi

/** Settings of the role that a service is to use, which no tool means for itself. */
const GIVEN =
  /(?:\b(?:(?:execution|service|task|cluster|job|target)[-_ ]?)?role[-_ ]?arn|\bRoleArn|--(?:[a-z-]{0,24})role(?:-arn)?|\b(?:service|execution|task|cluster)_?role|\brole(?=["'`]?\s{0,2}[:=]))["'`]{0,2}\s{0,2}[:=(]?\s{0,2}["'`(]{0,2}(?=arn:)/gi

export const NO_TEXT_HINTS: TextHints = {
  tool: null,
  provider: null,
  roleBeside: null,
  linkedService: null,
  notBootstrapped: false,
  roleExists: false,
  noMfaSerial: false,
}

export function hintsAround(text: string, start: number, end: number): TextHints {
  const before = text.slice(Math.max(0, start - MAX_BEFORE_CHARS), start)
  const after = text.slice(end, end + MAX_AFTER_CHARS)
  const all = before + text.slice(start, end) + after
  const subject = subjectIn(all)
  return {
    tool: COMMAND_BEFORE.test(before) ? 'aws-cli' : (TOOLS.find(([, sign]) => sign.test(all))?.[0] ?? null),
    provider: providerIn(all),
    roleBeside: roleBeside(before) ?? roleBeside(after),
    linkedService: null,
    notBootstrapped:
      /No bucket named ['"]?cdk-|SSM parameter \/cdk-bootstrap\/[^ ]{1,40} not found|Has the environment been bootstrapped|Is account [^ ]{1,40} bootstrapped/i.test(
        all,
      ),
    roleExists: /Lookup role exists but was not assumed/i.test(all),
    noMfaSerial:
      /has no MFA serial (?:defined|configured)|mfa_serial (?:is )?(?:missing|not (?:set|defined|configured))/i.test(
        all,
      ),
    ...(EXTERNAL_ID.test(all) ? { externalId: true as const } : {}),
    ...(MFA.test(all) ? { mfa: true as const } : {}),
    ...(subject === undefined ? {} : { subject }),
  }
}

const EXTERNAL_ID = /\b(?:sts:)?external[-_ ]?id\b/i
const MFA =
  /MultiFactorAuth(?:Present|Age)|\b(?:requires?|needs?|without|missing) (?:an? )?(?:MFA|multi-?factor)|\bMFA (?:is |was )?(?:required|missing)/i
/** https://docs.github.com/en/actions/reference/security/oidc · https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/ */
const SUBJECT =
  /\brepo:[\w.-]{1,100}\/[\w.-]{1,100}:[\w.:/@-]{1,200}|\bsystem:serviceaccount:[a-z0-9.-]{1,63}:[a-z0-9.-]{1,253}/g
/** A value of a condition in a policy: what a token must have, not what it has. */
const IN_CONDITION = /:sub\b[^{}]{0,300}$/
const MAX_CONDITION_CHARS = 320

function subjectIn(text: string): string | undefined {
  for (const { index, 0: subject } of text.matchAll(SUBJECT)) {
    const isPattern = '*?'.includes(text[index + subject.length] ?? '-')
    if (!isPattern && !IN_CONDITION.test(text.slice(Math.max(0, index - MAX_CONDITION_CHARS), index))) return subject
  }
  return undefined
}

function providerIn(text: string): TextHints['provider'] {
  if (
    /token\.actions\.githubusercontent\.com|configure-aws-credentials|role-to-assume|GitHub ?Action|Could not assume role with OIDC/i.test(
      text,
    )
  )
    return 'github'
  if (
    /WebIdentityErr|token-file-web-identity|serviceaccount|oidc\.eks\.|eks\.amazonaws\.com|\bIRSA\b|controller-runtime|external-(?:dns|secrets)|crossplane|karpenter|\bpods?\b|\bEKS\b|kubernetes/i.test(
      text,
    )
  )
    return 'eks'
  return null
}

/** The role that a setting near a service's sentence gives to that service. */
export function givenRoleAround(text: string, start: number, end: number): string | null {
  const before = text.slice(Math.max(0, start - MAX_BEFORE_CHARS), start)
  const after = text.slice(end, end + MAX_AFTER_CHARS)
  return roleBeside(before, GIVEN) ?? roleBeside(after, GIVEN)
}

/** The only role named this way; null for two different ones. */
function roleBeside(text: string, setting = BESIDE): string | null {
  const found = new Set<string>()
  for (const match of text.matchAll(setting)) {
    const arn = arnAt(text, match.index + match[0].length)
    if (arn !== null && !arn.cut && /:role\/./.test(arn.arn)) found.add(arn.arn)
  }
  const [only] = found
  return found.size === 1 && only !== undefined ? only : null
}
