/**
 * Issuers that give tokens to builds and workloads, never to people. Others may be somebody's own sign-in.
 * GitHub: https://docs.github.com/actions/reference/openid-connect-reference · GitLab: https://docs.gitlab.com/ci/cloud_services/aws/
 * CircleCI: https://circleci.com/docs/openid-connect-tokens/ · Bitbucket: https://support.atlassian.com/bitbucket-cloud/docs/deploy-on-aws-using-bitbucket-pipelines-openid-connect/
 * Buildkite: https://buildkite.com/docs/agent/v3/cli-oidc · HCP Terraform: https://developer.hashicorp.com/terraform/cloud-docs/workspaces/dynamic-provider-credentials/aws-configuration
 * EKS: https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html · GKE and AKS: their cluster issuers
 */
const WORKLOAD_ISSUERS: readonly RegExp[] = [
  /^token\.actions\.githubusercontent\.com(\/|$)/,
  /^gitlab\.com$/,
  /^oidc\.circleci\.com\/org\//,
  /^api\.bitbucket\.org\/2\.0\/workspaces\/[^/]+\/pipelines-config\/identity\/oidc$/,
  /^agent\.buildkite\.com$/,
  /^app\.terraform\.io$/,
  /^oidc(-[a-z0-9-]+)?\.eks\.[a-z0-9-]+\.(amazonaws\.com(\.cn)?|api\.aws)\/id\//,
  /^container\.googleapis\.com\/v1\/projects\//,
  /^[a-z0-9-]+\.oic\.[a-z0-9.-]*aks\.azure\.com\//,
  /^[a-z0-9-]+\.app\.spacelift\.io$/,
]

/** `host`: with its path, without `https://`. */
export const isWorkloadIssuer = (host: string): boolean => WORKLOAD_ISSUERS.some(issuer => issuer.test(host))
