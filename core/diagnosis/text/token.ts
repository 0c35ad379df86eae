/** STS refused a token without a reason, as it also does when the role does not exist: the four usual causes, and how to check each. */
import { descriptorOf } from '../../actions/index.ts'
import type { Denial } from '../../denial/index.ts'
import type { NextStep } from '../diagnosis.ts'
import { advice, buildDiagnosis } from '../diagnosis-builder.ts'
import type { DiagnosisContext, Rule } from '../diagnosis-context.ts'
import { decisiveUnknowns } from '../verdict.ts'
import { recordLookupStep } from '../wording/record-step.ts'
import { called, showRole, showTrust } from './role-in-text.ts'

export const tokenRefused: Rule = context => {
  const { denial } = context
  const { caller } = descriptorOf(denial.action)
  if (caller === 'principal') return null
  const what = caller === 'saml' ? 'SAML assertion' : 'token'
  return buildDiagnosis(
    context,
    'likely',
    {
      cause: 'trust-condition',
      summary: `AWS refused the ${what}: most likely the trust policy of the role requires a value that the ${what} does not have, or the role does not exist.`,
      nextSteps: [
        compare(denial, what),
        ...(denial.resource === null && denial.source === 'message' ? [recordLookupStep(denial)] : []),
        ...(caller === 'saml' ? saml(denial) : byProvider(context)),
      ],
    },
    decisiveUnknowns(context),
  )
}

/** What the record or the text shows of the token comes first. */
function compare({ claims, hints, resource }: Denial, what: string): NextStep {
  const subject = claims?.subject ?? hints?.subject ?? null
  const audience = claims?.audience ?? null
  const shown = [
    ...(subject === null ? [] : [`its subject is ${subject}`]),
    ...(audience === null ? [] : [`its audience is ${audience}`]),
  ]
  return advice(
    `Compare the ${what} with the trust policy of ${called(resource)}${shown.length === 0 ? '' : `: ${shown.join(', and ')}`}.`,
    showTrust(resource),
    `the owner of ${called(resource)}`,
  )
}

function byProvider({ denial }: DiagnosisContext): readonly NextStep[] {
  const { resource } = denial
  switch (denial.hints?.provider ?? null) {
    case 'github':
      return github(resource)
    case 'eks':
      return eks(resource)
    default:
      return otherIssuer(resource)
  }
}

const theRole = (where: string, resource: string | null): NextStep =>
  advice(
    `1. The role: ${where} is exactly its ARN, with account and path. NoSuchEntity: it does not exist.`,
    `${showRole(resource)} --query Role.Arn --output text`,
  )

const conditions = (resource: string | null): string => `${showTrust(resource)}.Statement[].Condition`

const federated = (provider: string): string =>
  `2. The provider: the trust policy names ${provider} as Federated, by the ARN that it has in the account of the role, and allows sts:AssumeRoleWithWebIdentity.`

const PROVIDERS = 'aws iam list-open-id-connect-providers'

/**
 * https://docs.github.com/en/actions/security-for-github-actions/security-hardening-your-deployments/configuring-openid-connect-in-amazon-web-services
 * https://docs.github.com/en/enterprise-server@3.16/actions/security-for-github-actions/security-hardening-your-deployments/configuring-openid-connect-in-amazon-web-services
 */
const github = (resource: string | null): readonly NextStep[] => [
  theRole('role-to-assume', resource),
  advice(
    `${federated('token.actions.githubusercontent.com')} On GitHub Enterprise Server it is HOST/_services/token, here and below.`,
    PROVIDERS,
  ),
  advice(
    '3. The audience: token.actions.githubusercontent.com:aud is sts.amazonaws.com, or what the workflow sets as audience.',
    conditions(resource),
  ),
  advice(
    '4. The subject: token.actions.githubusercontent.com:sub is that of the job, in the same case: repo:OWNER/REPOSITORY: with ref:refs/heads/BRANCH, environment:NAME or pull_request behind it. Where it holds a *, the operator is StringLike. A step of the workflow (permissions: id-token: write) shows it.',
    `curl -sH "Authorization: bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN" "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=sts.amazonaws.com" | jq -r '.value | split(".")[1] | gsub("-";"+") | gsub("_";"/") | @base64d'`,
  ),
]

/** https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html */
const eks = (resource: string | null): readonly NextStep[] => [
  theRole('the annotation eks.amazonaws.com/role-arn of the service account', resource),
  advice(
    federated('the OIDC provider of this cluster'),
    'aws eks describe-cluster --name CLUSTER --query cluster.identity.oidc.issuer --output text',
  ),
  advice('3. The audience: <provider>:aud is sts.amazonaws.com.', conditions(resource)),
  advice(
    '4. The subject: <provider>:sub is system:serviceaccount:NAMESPACE:NAME of the service account that the pod runs as. Where it holds a *, the operator is StringLike.',
    "kubectl get pod POD --namespace NAMESPACE --output jsonpath='{.spec.serviceAccountName}'",
  ),
]

const otherIssuer = (resource: string | null): readonly NextStep[] => [
  theRole('the role that the call asks for', resource),
  advice(federated('the issuer of the token (its iss)'), PROVIDERS),
  advice('3. The audience: <provider>:aud is the aud of the token.', conditions(resource)),
  advice(
    '4. The subject: <provider>:sub is the sub of the token, in the same case; in Kubernetes it is system:serviceaccount:NAMESPACE:NAME. Where it holds a *, the operator is StringLike.',
    `cut -d. -f2 "$AWS_WEB_IDENTITY_TOKEN_FILE" | tr _- /+ | base64 -d`,
  ),
]

/**
 * Of partitions whose address is not published: none.
 * https://docs.aws.amazon.com/general/latest/gr/signin-service.html
 * https://github.com/aws/aws-cdk/tree/main/packages/aws-cdk-lib/region-info (`samlSignOnUrl`)
 */
const SAML_SIGN_IN: ReadonlyMap<string, string> = new Map([
  ['aws', ', https://signin.aws.amazon.com/saml'],
  ['aws-cn', ', https://signin.amazonaws.cn/saml'],
  ['aws-us-gov', ', https://signin.amazonaws-us-gov.com/saml'],
])

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_saml.html */
const saml = ({ resource, partition }: Denial): readonly NextStep[] => [
  theRole('the ARN in the attribute https://aws.amazon.com/SAML/Attributes/Role of the assertion', resource),
  advice(
    '2. The provider: the same attribute and the Federated of the trust policy name one SAML provider.',
    'aws iam list-saml-providers',
  ),
  advice(
    `3. The audience: SAML:aud is the address of the sign-in${SAML_SIGN_IN.get(partition) ?? ''}.`,
    conditions(resource),
  ),
  advice('4. The action: the trust policy allows sts:AssumeRoleWithSAML.', showTrust(resource)),
]
