/** What a caller runs, by its user agent or the session name that it chooses. Always claimed. */
type Client = { readonly client: string; readonly agent?: RegExp; readonly session?: RegExp }

/** The most particular first: tools name the SDK that they use behind their own name. */
const CLIENTS: readonly Client[] = [
  // https://github.com/hashicorp/aws-sdk-go-base, https://github.com/opentofu/opentofu
  { client: 'opentofu', agent: /\bOpenTofu\/|\bOpenTofu-S3-Backend\// },
  { client: 'terragrunt', agent: /\bapp\/terragrunt-/, session: /^terragrunt-\d{10,20}$/ },
  { client: 'terraform', agent: /\bTerraform\/\d|\bterraform-provider-aws\// },
  { client: 'pulumi', agent: /\bPulumi\/|\bpulumi-aws\// },
  { client: 'sam', agent: /\baws-sam-cli\// },
  {
    client: 'serverless',
    agent: /\bserverless-framework\//,
    session: /^serverless-(?:container-dev-mode-\d{10,20}|sandbox-.{1,60})$/,
  },
  // https://github.com/aws/aws-cdk-cli
  {
    client: 'cdk',
    agent: /\baws-cdk(?:\/|$|\s)|\bcdk-assets\b/,
    session: /^(?:aws-cdk|cdk-assets)-(?<actor>[\w+=,.@-]{1,60})$/,
  },
  { client: 'chalice', agent: /^\[?aws-chalice\// },
  { client: 'aws-iam-authenticator', agent: /\baws-iam-authenticator\// },
  { client: 'rolesanywhere-helper', agent: /^CredHelper\// },
  { client: 'granted', session: /^gntd-[0-9A-Za-z]{20,40}$/ },
  { client: 'awsume', session: /^awsume-cli-role$/ },
  { client: 'claude-code', agent: /^claude-code\//, session: /^claude-code-/ },
  { client: 'ssm-agent', agent: /\bamazon-ssm-agent\// },
  { client: 'aws-cli', agent: /^\[?aws-cli\/\d/, session: /^EKS(?:GetTokenAuth|DescribeClusterSession)$/ },
  { client: 'boto3', agent: /^\[?Boto3\/\d/ },
  { client: 'aws-sdk-go', agent: /^\[?aws-sdk-go(?:-v2)?\/\d.*\bexec-env\// },
  { client: 'aws-sdk-js', session: /^aws-sdk-js-session-\d{10,20}$|^token-file-web-identity$/ },
]

export function clientOf(
  userAgent: string | null,
  sessionName: string | null,
): { readonly client?: string; readonly actor?: string } {
  const byAgent = userAgent === null ? undefined : CLIENTS.find(({ agent }) => agent?.test(userAgent))
  if (byAgent !== undefined) return { client: byAgent.client }
  for (const { client, session } of CLIENTS) {
    const match = sessionName === null ? null : session?.exec(sessionName)
    if (match != null)
      return { client, ...(match.groups?.['actor'] === undefined ? {} : { actor: match.groups['actor'] }) }
  }
  return {}
}
