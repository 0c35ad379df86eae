/**
 * Where deploys run: how each tool shows itself in session names, tokens, tags and user agents, and where it shows a run. The
 * address beside each is where its form was read; the public forms are the cases of `test/cases/runs`.
 */
import type { ShownRun } from './run.ts'

export type RunTool = {
  readonly tool: string
  /** Its own name, for people. */
  readonly title: string
  /** The words on its own button that runs it again. */
  readonly retry?: string
  /** Of its OIDC provider, without `https://`. A tool that people install has its own host, and none here. */
  readonly issuer?: RegExp
  /** The subject of its token. Null: it is none of this tool's. */
  readonly subject?: (subject: string) => ShownRun | null
  /** Groups: `id`, `workflow`. */
  readonly session?: RegExp
  readonly agent?: RegExp
  readonly tags?: (tags: Tags) => ShownRun | null
  /** The issuer whose runs `url` shows. */
  readonly hosted?: RegExp
  /** From what is shown of one run. Null: a part is missing. */
  readonly url?: (run: ShownRun) => string | null
}

type Tags = { readonly [name: string]: string }

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
const CIRCLECI_SUBJECT = new RegExp(
  `^org/${UUID}/project/${UUID}/user/(${UUID})(?:/vcs-origin/[a-z.]{1,40}/([^/]{1,100}/[^/]{1,100})(?:/vcs-ref/(refs/.{1,200}))?)?$`,
)
const BITBUCKET_SUBJECT = new RegExp(`^\\{${UUID}\\}:(?:\\{${UUID}\\}:)?(\\{${UUID}\\})$`)

/** `name:value` pairs of a subject. A value may hold colons where the next name is known. */
function parts(subject: string, names: readonly string[]): Tags {
  const found: { [name: string]: string } = {}
  const places = names
    .map(name => ({ name, at: subject.startsWith(`${name}:`) ? 0 : subject.indexOf(`:${name}:`) + 1 }))
    .filter(({ name, at }) => subject.startsWith(`${name}:`, at))
    .toSorted((a, b) => a.at - b.at)
  for (const [index, { name, at }] of places.entries()) {
    const end = places[index + 1]?.at ?? subject.length + 1
    found[name] = subject.slice(at + name.length + 1, end - 1)
  }
  return found
}

const shown = (run: { readonly [fact in keyof ShownRun]: string | null | undefined }): ShownRun =>
  Object.fromEntries(Object.entries(run).filter(([, value]) => typeof value === 'string' && value !== ''))

const GITHUB_CLAIMS = [
  ...['repo', 'ref', 'environment', 'pull_request', 'job_workflow_ref', 'event_name', 'repository_owner'],
  ...['repository_visibility', 'runner_environment', 'repository_id', 'repository_owner_id', 'context', 'actor'],
]
const REPOSITORY = /^[A-Za-z0-9_.-]{1,100}\/[A-Za-z0-9_.-]{1,100}$/
/** Groups may be nested. https://docs.gitlab.com/user/namespace/ */
const PROJECT = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,100}(?:\/[A-Za-z0-9_][A-Za-z0-9_.-]{0,100}){1,20}$/
/** Ids in immutable subjects: `acme@123456/orders@456789`. */
const withoutIds = (repository: string): string => repository.replace(/@\d{1,20}(?=\/|$)/g, '')
const repositoryIn = (text: string | undefined): string | null => {
  const plain = withoutIds(text ?? '')
  return REPOSITORY.test(plain) ? plain : null
}

export const RUN_TOOLS: readonly RunTool[] = [
  {
    // https://docs.github.com/en/actions/reference/security/oidc, https://github.com/aws-actions/configure-aws-credentials
    tool: 'github-actions',
    title: 'GitHub Actions',
    // https://docs.github.com/actions/managing-workflow-runs/re-running-workflows-and-jobs
    retry: 'Re-run failed jobs',
    issuer:
      /^(?:token\.actions\.githubusercontent\.com|token\.actions\.[a-z0-9-]{1,60}\.ghe\.com|[^/]{1,200}\/_services\/token)(?:\/|$)/,
    subject(subject) {
      const of = parts(subject.replace(/:pull_request(?=:|$)/, ':pull_request:'), GITHUB_CLAIMS)
      return shown({ repository: repositoryIn(of['repo']), ref: /^refs\//.test(of['ref'] ?? '') ? of['ref'] : null })
    },
    session: /^GitHubActions$/,
    agent: /exec-env\/GitHubActions\b|\bconfigure-aws-credentials-for-github-actions?\b/,
    tags: of =>
      of['GitHub'] === 'Actions'
        ? shown({
            ...{ id: of['RunId'], repository: repositoryIn(of['Repository']), ref: of['Branch'] },
            ...{ workflow: of['Workflow'], actor: of['Actor'] },
          })
        : null,
    hosted: /^token\.actions\.githubusercontent\.com(?:\/|$)/,
    url: ({ repository, id }) =>
      repository !== undefined && REPOSITORY.test(repository) && /^\d{1,20}$/.test(id ?? '')
        ? `https://github.com/${repository}/actions/runs/${id}`
        : null,
  },
  {
    // https://docs.gitlab.com/ci/cloud_services/
    tool: 'gitlab',
    title: 'GitLab CI',
    // https://gitlab.com/gitlab-org/gitlab/-/issues/20227
    retry: 'Retry',
    issuer: /^gitlab\.com$/,
    subject(subject) {
      const { project_path: repository, ref_type: kind, ref } = parts(subject, ['project_path', 'ref_type', 'ref'])
      if (repository === undefined) return null
      const folder = { branch: 'refs/heads/', tag: 'refs/tags/' }[kind ?? '']
      return shown({ repository, ref: ref === undefined || folder === undefined ? null : `${folder}${ref}` })
    },
    session: /^GitLabRunner-\d{1,20}-(?<id>\d{1,20})$/,
    hosted: /^gitlab\.com$/,
    // Only a token names the project, so that the address is of the host that issued it.
    url: ({ repository, id }) =>
      repository !== undefined && PROJECT.test(repository) && /^\d{1,20}$/.test(id ?? '')
        ? `https://gitlab.com/${repository}/-/pipelines/${id}`
        : null,
  },
  {
    // https://developer.hashicorp.com/terraform/cloud-docs/dynamic-provider-credentials/aws-configuration
    tool: 'hcp-terraform',
    title: 'HCP Terraform',
    issuer: /^app\.terraform\.io$/,
    subject: subject => {
      const of = parts(subject, ['organization', 'project', 'workspace', 'module', 'run_phase', 'operation'])
      return of['organization'] === undefined ? null : shown({ workflow: of['workspace'] })
    },
  },
  {
    // https://docs.spacelift.io/integrations/cloud-providers/oidc
    tool: 'spacelift',
    title: 'Spacelift',
    issuer: /^[a-z0-9-]{1,60}\.app\.spacelift\.io$/,
    subject(subject) {
      const old = /^[^|]{1,400}\|(?:stack|module):([^|]{1,200})\|/.exec(subject)?.[1]
      if (old !== undefined) return { workflow: old }
      const of = parts(subject, [
        'space',
        'space_path',
        'path',
        'type',
        'stack',
        'module',
        'caller',
        'run',
        'run_type',
        'scope',
      ])
      return shown({ workflow: of['stack'] || of['module'] || of['caller'], id: of['run'] })
    },
    session: /^spacelift-run-(?<id>[0-9A-HJKMNP-TV-Z]{26})$/,
    tags: of =>
      of['run'] !== undefined && of['space'] !== undefined
        ? shown({ id: of['run'], workflow: of['stack'] ?? of['module'] })
        : null,
  },
  {
    // https://www.pulumi.com/docs/deployments/deployments/oidc/
    tool: 'pulumi-cloud',
    title: 'Pulumi Cloud',
    issuer: /^api\.pulumi\.com\/oidc(?:\/|$)/,
    subject(subject) {
      if (!subject.startsWith('pulumi:')) return null
      const of = parts(subject.slice('pulumi:'.length), ['deploy', 'org', 'project', 'stack', 'operation', 'scope'])
      const [, actor] = /:pulumi\.user\.login:([^:]{1,100})/.exec(subject) ?? []
      const { project, stack } = of
      return shown({ workflow: project !== undefined && stack !== undefined ? `${project}/${stack}` : null, actor })
    },
  },
  {
    // https://github.com/jenkinsci/pipeline-aws-plugin, https://plugins.jenkins.io/oidc-provider/
    tool: 'jenkins',
    title: 'Jenkins',
    issuer: /^[^/]{1,200}\/oidc$/,
    subject(subject) {
      const path = /^https?:\/\/[^/]{1,200}((?:\/job\/[^/]{1,100}){1,10})\/?$/.exec(subject)?.[1]
      if (path !== undefined) return { workflow: path.split('/job/').slice(1).map(decoded).join('/') }
      return subject.startsWith('jenkins:') ? {} : null
    },
    session: /^Jenkins(?:-(?<workflow>[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*?)-(?<id>\d{1,10}))?$|^Jenkins-[\w+=,.@-]{1,60}$/,
  },
  {
    // https://buildkite.com/docs/pipelines/security/oidc/aws
    tool: 'buildkite',
    title: 'Buildkite',
    // https://buildkite.com/resources/changelog/348-retry-all-failed-jobs-via-api/
    retry: 'Retry Failed Jobs',
    issuer: /^agent\.buildkite\.com$/,
    subject(subject) {
      const of = parts(subject, ['organization', 'pipeline', 'ref', 'commit', 'step'])
      return shown({ workflow: of['pipeline'], ref: of['ref'] })
    },
    session: new RegExp(`^buildkite-job-(?<id>${UUID})$`),
    tags: of =>
      of['pipeline_slug'] === undefined ? null : shown({ workflow: of['pipeline_slug'], ref: of['build_branch'] }),
  },
  {
    // https://circleci.com/docs/openid-connect-tokens/
    tool: 'circleci',
    title: 'CircleCI',
    // https://circleci.com/docs/guides/test/rerun-only-failed-tests/
    retry: 'Rerun workflow from failed',
    issuer: /^oidc\.circleci\.com(?:\/org\/|$)/,
    subject(subject) {
      const [, actor, repository, ref] = CIRCLECI_SUBJECT.exec(subject) ?? []
      return actor === undefined ? null : shown({ actor, repository: repositoryIn(repository), ref })
    },
  },
  {
    // https://support.atlassian.com/bitbucket-cloud/docs/deploy-on-aws-using-bitbucket-pipelines-openid-connect/
    tool: 'bitbucket',
    title: 'Bitbucket Pipelines',
    issuer: /^api\.bitbucket\.org\/2\.0\/workspaces\/[^/]{1,100}\/pipelines-config\/identity\/oidc$/,
    subject: subject => shown({ id: BITBUCKET_SUBJECT.exec(subject)?.[1] }),
  },
  {
    // https://github.com/aws/aws-toolkit-azure-devops
    tool: 'azure-devops',
    title: 'Azure DevOps',
    // https://github.com/microsoft/azure-devops-rust-api/issues/181
    retry: 'Rerun failed jobs',
    issuer: /^vstoken\.dev\.azure\.com\//,
    subject: subject => (subject.startsWith('sc://') ? {} : null),
    session: /^aws-vsts-tools$/,
    agent: /\bAWS-VSTS\/[\d.]{1,20}|\bexec-env\/VSTS-/,
  },
  {
    tool: 'codebuild',
    title: 'CodeBuild',
    // https://docs.aws.amazon.com/codebuild/latest/userguide/retry-build.html
    retry: 'Retry build',
    session: /^AWSCodeBuild-(?<id>[0-9a-f-]{20,36})$/,
  },
  {
    // The sessions of its role have the time for a name, as other tools' do: only AWS's own fields name it.
    tool: 'codepipeline',
    title: 'CodePipeline',
    // https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-retry.html
    retry: 'Retry failed actions',
    agent: /^codepipeline\.amazonaws\.com$/,
  },
  {
    // The name that its documentation recommends (user, repository and number) is no more than words with dashes.
    // https://www.runatlantis.io/docs/provider-credentials
    tool: 'atlantis',
    title: 'Atlantis',
    session: /^atlantis(?:-[\w.-]{1,60})?$/i,
  },
  {
    // https://docs.semaphore.io/reference/openid
    tool: 'semaphore',
    title: 'Semaphore',
    issuer: /^[a-z0-9-]{1,60}\.semaphoreci\.com$/,
    subject(subject) {
      const of = parts(subject, ['org', 'project', 'repo', 'ref_type', 'ref'])
      return of['project'] === undefined ? {} : shown({ workflow: of['project'], ref: of['ref'] })
    },
    session: new RegExp(`^semaphore-job-(?<id>${UUID})$`),
  },
  {
    // https://codefresh.io/docs/docs/integrations/oidc-pipelines/
    tool: 'codefresh',
    title: 'Codefresh',
    issuer: /^oidc\.codefresh\.io$/,
    subject(subject) {
      const of = parts(subject, [
        'account',
        'pipeline',
        'initiator',
        'scm_repo_url',
        'scm_user_name',
        'scm_ref',
        'scm_pull_request_target_branch',
      ])
      const [pipeline, last] = (of['pipeline'] ?? '').split(':')
      const repository = /^https:\/\/[^/]{1,100}\/([^/]{1,100}\/[^/]{1,100}?)(?:\.git)?$/.exec(
        of['scm_repo_url'] ?? '',
      )?.[1]
      return shown({
        ...{ workflow: pipeline, repository: repositoryIn(repository), ref: of['scm_ref'] },
        actor: of['initiator'] ?? of['scm_user_name'] ?? last,
      })
    },
  },
  { tool: 'env0', title: 'env0', issuer: /^login\.app\.env0\.com\/?$|^prod\.env0\.com$/ },
  { tool: 'harness', title: 'Harness', issuer: /^app\.harness\.io\// },
  {
    // https://docs.dagger.io/reference/configuration/cloud
    tool: 'dagger',
    title: 'Dagger',
    issuer: /^api\.dagger\.cloud$/,
    subject: subject =>
      shown({ repository: repositoryIn(/:repo:[a-z.]{1,60}\/([^/]{1,100}\/[^/]{1,100})$/.exec(subject)?.[1]) }),
  },
  {
    // https://vercel.com/docs/oidc
    tool: 'vercel',
    title: 'Vercel',
    issuer: /^oidc\.vercel\.com(?:\/|$)/,
    subject: subject => shown({ workflow: parts(subject, ['owner', 'project', 'environment'])['project'] }),
  },
  { tool: 'fly', title: 'Fly.io', issuer: /^oidc\.fly\.io\//, subject: () => ({}) },
  {
    // https://octopus.com/docs/infrastructure/accounts/openid-connect
    tool: 'octopus',
    title: 'Octopus Deploy',
    subject(subject) {
      if (!/^space:[^:]{1,100}:(?:project|target|account|feed|runbook):/.test(subject)) return null
      const of = parts(subject, ['space', 'project', 'runbook', 'tenant', 'environment', 'target', 'account', 'type'])
      return shown({ workflow: of['project'] })
    },
    session: /^Octopus(?:AwsAuthentication|KubernetesClusterDiscovery)$/,
  },
  { tool: 'teamcity', title: 'TeamCity', session: /^TeamCity-session$/ },
  { tool: 'terrateam', title: 'Terrateam', session: /^terrateam(?:-[\w.-]{1,60})?$/ },
  { tool: 'digger', title: 'Digger', session: /^DiggerEnvProvider$/ },
  {
    tool: 'argocd',
    title: 'Argo CD',
    subject: subject => (/^system:serviceaccount:argocd:argocd-/.test(subject) ? {} : null),
  },
  { tool: 'ack', title: 'ACK', agent: /^\[?aws-controllers-k8s\// },
  { tool: 'crossplane', title: 'Crossplane', agent: /\bcrossplane-provider-aws\/|\bupbound-provider-aws\// },
  { tool: 'karpenter', title: 'Karpenter', agent: /\bkarpenter\.sh-/ },
  {
    tool: 'eks',
    title: 'EKS',
    issuer: /^oidc\.eks\.[a-z0-9-]{4,30}\.amazonaws\.com(?:\.cn)?\/id\/[0-9A-F]{16,64}$/,
    session: new RegExp(`^eks-[\\w-]{1,60}-${UUID}$|^EKS$`),
    agent: /^eks-nodegroup\.amazonaws\.com$/,
    tags: of => (of['eks-cluster-arn'] === undefined ? null : {}),
  },
  { tool: 'ecs', title: 'ECS', session: /^(?<id>[0-9a-f]{32})$/, agent: /\bexec-env\/AWS_ECS_/ },
  { tool: 'ec2', title: 'EC2', session: /^(?<id>i-(?:[0-9a-f]{8}|[0-9a-f]{17}))$/, agent: /\bamazon-ssm-agent\// },
  { tool: 'lambda', title: 'Lambda', agent: /\bexec-env\/AWS_Lambda_|^lambda\.amazonaws\.com$/ },
  {
    tool: 'cloudformation',
    title: 'CloudFormation',
    session: /^AWSCloudFormation$/,
    agent: /^cloudformation\.amazonaws\.com$/,
  },
  { tool: 'autoscaling', title: 'Auto Scaling', session: /^AutoScaling$/, agent: /^autoscaling\.amazonaws\.com$/ },
  { tool: 'sagemaker', title: 'SageMaker', session: /^SageMaker$/ },
  { tool: 'athena', title: 'Athena', session: new RegExp(`^AthenaExecutor-(?<id>${UUID})$`) },
  { tool: 'cloudshell', title: 'CloudShell', agent: /\bexec-env\/CloudShell\b/ },
  {
    tool: 'console',
    title: 'the console',
    agent:
      /^(?:signin|console(?:\.[a-z0-9-]{1,30})?)\.amazonaws\.com$|^AWSConsole\b|ConsoleBackend,|^\[?[A-Z0-9a-z]{1,20}Console\/|^AWS Signin,|^Mozilla\/5\.0 /,
  },
  {
    tool: 'laptop',
    title: 'a laptop',
    session: /^gntd-[0-9A-Za-z]{20,40}$|^awsume-cli-role$/,
    agent: /^claude-code\//,
  },
]

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
