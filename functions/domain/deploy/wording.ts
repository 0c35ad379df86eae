/** What is said of a failed deploy: its name, where to look, and how to try again. */

import { never } from '../base/result.ts'
import type { DeployState, FailedDeploy } from './deploy.ts'

const PHRASES: { readonly [kind in FailedDeploy['kind']]: string } = {
  cloudformation: 'the deploy of stack',
  codepipeline: 'the run of pipeline',
  codebuild: 'the build of',
  codedeploy: 'the deployment to',
  ecs: 'the deployment of ECS service',
}

/** `the deploy of stack orders`, within a sentence. */
export const deployName = ({ kind, name }: FailedDeploy): string => `${PHRASES[kind]} ${name}`

/** For a card, which says how sure it is. */
export function deployTitle({ deploy, causes }: DeployState, fingerprint: string): string {
  const sure = causes.find(cause => cause.fingerprint === fingerprint)?.confidence === 'caused by'
  return `${sure ? '' : 'probably '}${deployName(deploy)}`
}

/** https://docs.aws.amazon.com/general/latest/gr/rande.html#console-endpoints and the consoles of the other partitions. */
function consoleOf(region: string): string {
  if (region.startsWith('cn-')) return `https://${region}.console.amazonaws.cn`
  if (region.startsWith('us-gov-')) return 'https://console.amazonaws-us-gov.com'
  return `https://${region}.console.aws.amazon.com`
}

export function consoleLink(deploy: FailedDeploy): string {
  const { kind, region, accountId, target, attempt } = deploy
  const home = consoleOf(region)
  const part = (text: string) => encodeURIComponent(text)
  switch (kind) {
    case 'cloudformation':
      return `${home}/cloudformation/home?region=${region}#/stacks/events?stackId=${part(target)}`
    case 'codepipeline':
      return `${home}/codesuite/codepipeline/pipelines/${part(target)}/view?region=${region}`
    case 'codebuild':
      return `${home}/codesuite/codebuild/${accountId}/projects/${part(target)}/build/${part(`${target}:${attempt ?? ''}`)}/?region=${region}`
    case 'codedeploy':
      return `${home}/codesuite/codedeploy/deployments/${part(attempt ?? '')}?region=${region}`
    case 'ecs': {
      const [, cluster = '', service = ''] = /:service\/([^/]+)\/(.+)$/.exec(target) ?? []
      return `${home}/ecs/v2/clusters/${part(cluster)}/services/${part(service)}/deployments?region=${region}`
    }
    default:
      return never(kind)
  }
}

/** Names one try among all of its deploy. Null: the event does not tell. */
export const tryOf = ({ attempt, retried }: FailedDeploy): string | null =>
  attempt === null || retried === undefined ? attempt : `${attempt} ${retried}`

export type Retry = { readonly text: string; readonly command: string | null }

/** Only names that need no quoting go into a command: anything else is left to the console. */
const PLAIN = /^[A-Za-z0-9][A-Za-z0-9@._:/-]*$/

export function retryOf(deploy: FailedDeploy): Retry {
  const { text, command } = wayOf(deploy)
  return { text: command === null ? text.replace(/:$/, '.') : text, command }
}

function wayOf(deploy: FailedDeploy): Retry {
  const { kind, region, name, target, attempt } = deploy
  const at = `--region ${region}`
  const command = (text: string, ...parts: readonly (string | null)[]) =>
    parts.every(part => part !== null && PLAIN.test(part)) ? `aws ${text} ${at}` : null
  switch (kind) {
    case 'cloudformation':
      return retryOfStack(deploy, command)
    case 'codepipeline':
      return {
        text: 'Release the change again:',
        command: command(`codepipeline start-pipeline-execution --name ${name}`, name),
      }
    case 'codebuild':
      return {
        text: 'Run the build again:',
        command: command(`codebuild retry-build --id ${target}:${attempt}`, target, attempt),
      }
    case 'codedeploy':
      return { text: 'Retry the deployment in the console.', command: null }
    case 'ecs': {
      const [, cluster = '', service = ''] = /:service\/([^/]+)\/(.+)$/.exec(target) ?? []
      const words = `ecs update-service --cluster ${cluster} --service ${service} --force-new-deployment`
      return {
        text: 'Start the service deployment again (after a rollback by ECS, with the new --task-definition):',
        command: command(words, cluster, service),
      }
    }
    default:
      return never(kind)
  }
}

/**
 * By its id: when the command is run, another stack may have the name.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html#cfn-console-view-stack-data-resources-status-codes
 */
function retryOfStack(
  { target, status }: FailedDeploy,
  command: (text: string, ...parts: readonly (string | null)[]) => string | null,
): Retry {
  switch (status) {
    case 'ROLLBACK_COMPLETE':
    case 'ROLLBACK_FAILED':
      return {
        text: 'A stack whose creation was rolled back must be deleted before it can be deployed again:',
        command: command(`cloudformation delete-stack --stack-name ${target}`, target),
      }
    // Its command waits until that is over.
    case 'ROLLBACK_IN_PROGRESS':
      return { text: 'Once the rollback is over, delete the stack, then deploy it again.', command: null }
    case 'DELETE_FAILED':
      return { text: 'Delete again what could not be deleted.', command: null }
    case 'UPDATE_ROLLBACK_FAILED':
      return {
        text: 'Finish the rollback, then deploy again:',
        command: command(`cloudformation continue-update-rollback --stack-name ${target}`, target),
      }
    default:
      return { text: 'Deploy the stack again, as it was deployed before.', command: null }
  }
}
