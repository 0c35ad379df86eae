/** STS refused a token and gives no reason, even when the role does not exist: the usual differences, and how to see them. */
import { descriptorOf } from '../../actions/actions.ts'
import type { NextStep } from '../diagnosis.ts'
import { advice, buildDiagnosis } from '../diagnosis-builder.ts'
import type { DiagnosisContext, Rule } from '../diagnosis-context.ts'
import { decisiveUnknowns } from '../verdict.ts'
import { recordStep } from '../wording/record-step.ts'
import { inAccount, showTrust } from './role-in-text.ts'

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
        ...(caller === 'saml' ? SAML : byProvider(context)),
        recordStep(denial),
        advice(
          `See what the trust policy requires${inAccount(denial.resource)}. NoSuchEntity means that the role does not exist.`,
          showTrust(denial.resource),
          'the owner of the role',
        ),
      ],
    },
    decisiveUnknowns(context),
  )
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_saml.html */
const SAML: readonly NextStep[] = [
  advice(
    'Compare four things: the assertion names the ARNs of this role and of its SAML provider together (attribute https://aws.amazon.com/SAML/Attributes/Role); the trust policy names that provider as Federated; it allows sts:AssumeRoleWithSAML; and SAML:aud is the address of the sign-in, https://signin.aws.amazon.com/saml.',
    'aws iam list-saml-providers',
  ),
]

function byProvider({ denial }: DiagnosisContext): readonly NextStep[] {
  switch (denial.hints?.provider ?? null) {
    case 'github':
      return GITHUB
    case 'eks':
      return EKS
    default:
      return OTHER
  }
}

const ROLE_ITSELF = 'the ARN of the role is exactly the one that exists, with its path'

/** https://docs.github.com/en/actions/security-for-github-actions/security-hardening-your-deployments/configuring-openid-connect-in-amazon-web-services */
const GITHUB: readonly NextStep[] = [
  advice(
    `Compare four things: ${ROLE_ITSELF}; the trust policy names the provider token.actions.githubusercontent.com of its own account as Federated, and allows sts:AssumeRoleWithWebIdentity; token.actions.githubusercontent.com:aud is sts.amazonaws.com; and token.actions.githubusercontent.com:sub is that of the job: repo:OWNER/REPOSITORY:ref:refs/heads/BRANCH, :environment:NAME or :pull_request, in the same case, with StringLike where it holds a *.`,
    'aws iam list-open-id-connect-providers',
  ),
  advice(
    'See the claims that the job sends with this step in the workflow (needs permissions: id-token: write).',
    `curl -sH "Authorization: bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN" "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=sts.amazonaws.com" | jq -r '.value | split(".")[1] | gsub("-";"+") | gsub("_";"/") | @base64d'`,
  ),
]

/** https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html */
const EKS: readonly NextStep[] = [
  advice(
    `Compare four things: ${ROLE_ITSELF}, and is the annotation eks.amazonaws.com/role-arn of the service account; the trust policy names the OIDC provider of this cluster as Federated, and allows sts:AssumeRoleWithWebIdentity; <provider>:sub is system:serviceaccount:NAMESPACE:NAME of the service account, with StringLike in place of StringEquals where it holds a *; and <provider>:aud is sts.amazonaws.com.`,
    'kubectl get serviceaccount <name> --namespace <namespace> --output yaml',
  ),
  advice(
    'See the provider of the cluster. The trust policy contains it without https://.',
    'aws eks describe-cluster --name <cluster> --query cluster.identity.oidc.issuer --output text',
  ),
]

const OTHER: readonly NextStep[] = [
  advice(
    `Compare four things: ${ROLE_ITSELF}; the trust policy names the issuer of the token (iss) as Federated, and allows sts:AssumeRoleWithWebIdentity; its :aud condition is the token’s aud; and its :sub condition the token’s sub, in the same case. In Kubernetes sub is system:serviceaccount:NAMESPACE:NAME.`,
    'aws iam list-open-id-connect-providers',
  ),
]
