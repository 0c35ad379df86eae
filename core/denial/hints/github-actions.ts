/**
 * Jobs of GitHub Actions that got no token and no keys. A missing permission, a fork and a missing secret have the same words.
 * https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws
 */
import { type HintForm, hintStep } from './hint.ts'

const NEXT = [
  hintStep(
    'Let the job ask for a token where it sets role-to-assume, with permissions: id-token: write and contents: read in the job, and in the workflow that calls it if it is reusable.',
  ),
  hintStep(
    'In a pull request from a fork, or by Dependabot: GitHub gives such a job neither a token for AWS nor the secrets of the repository. Run the step for branches of the repository alone, or give Dependabot secrets of its own.',
  ),
  hintStep(
    'With access keys or a role in a secret: the secret must exist under this name in this repository or in the environment that the job names; a reusable workflow needs secrets: inherit.',
    'gh secret list',
  ),
]

/** The same library asks for tokens of other clouds and registries. */
const OTHER_CLOUD =
  /google-github-actions|workload_identity_provider|\bgcloud\b|\bazure\/login|anthropic|claude-code|sigstore|cosign|\bpypi\b|\bnuget\b|\bjsr\b|npm publish|Login to Google/i

const MEANING = 'The job has no AWS credentials: it got no token from GitHub and has no keys, so AWS was not asked.'

export const GITHUB_FORMS: readonly HintForm[] = [
  {
    subject: 'id-token-permission',
    word: 'Credentials could not be loaded',
    form: /Credentials could not be loaded, please check your action inputs(?:: Could not load credentials from any providers)?/,
    meaning: MEANING,
    next: NEXT,
    example: {
      text: 'Error: Credentials could not be loaded, please check your action inputs: Could not load credentials from any providers',
      source: 'https://github.com/aws-actions/configure-aws-credentials/issues/337',
    },
  },
  {
    subject: 'id-token-permission',
    word: 'ACTIONS_ID_TOKEN_REQUEST_URL',
    form: /Unable to get ACTIONS_ID_TOKEN_REQUEST_URL env variable/,
    unless: OTHER_CLOUD,
    meaning: MEANING,
    next: NEXT,
    example: {
      text: 'Error: Action failed with error: Error: Error message: Unable to get ACTIONS_ID_TOKEN_REQUEST_URL env variable',
      source: 'https://github.com/actions/toolkit/issues/952',
    },
  },
  {
    subject: 'id-token-permission',
    word: 'authenticate with OIDC',
    form: /It looks like you might be trying to authenticate with OIDC\. Did you mean to set the `?id-token`? permission\?/,
    meaning: MEANING,
    next: NEXT,
    example: {
      text: 'It looks like you might be trying to authenticate with OIDC. Did you mean to set the `id-token` permission? If you are not trying to authenticate with OIDC and the action is working successfully, you can ignore this message.',
      source: 'https://github.com/mattermost/desktop/pull/3661',
    },
  },
]
