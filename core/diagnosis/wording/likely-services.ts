/** The services that most likely receive a role where neither the call nor a policy says which. A help for a reader, never a grant. */
import { type Denial, valuesSentBy } from '../../denial/index.ts'
import { writtenRole } from '../text/role-in-text.ts'

/** Words in the names of roles, as consoles, guides and tools use them. */
const BY_WORD: readonly (readonly [word: RegExp, service: string])[] = [
  [/lambda|(?:^|[-_])fn(?:[-_]|$)|function/i, 'lambda.amazonaws.com'],
  [/ecs|fargate|task/i, 'ecs-tasks.amazonaws.com'],
  [/ec2|instance|node|worker|bastion/i, 'ec2.amazonaws.com'],
  [/cfn|cloudformation|stack/i, 'cloudformation.amazonaws.com'],
  [/codebuild|build/i, 'codebuild.amazonaws.com'],
  [/pipeline/i, 'codepipeline.amazonaws.com'],
  [/glue|etl|crawler/i, 'glue.amazonaws.com'],
  [/sagemaker|notebook|train/i, 'sagemaker.amazonaws.com'],
  [/step|states|sfn|workflow/i, 'states.amazonaws.com'],
  [/schedul/i, 'scheduler.amazonaws.com'],
  [/event|rule/i, 'events.amazonaws.com'],
  [/eks|cluster|kube/i, 'eks.amazonaws.com'],
  [/rds|aurora|monitoring/i, 'rds.amazonaws.com'],
  [/batch/i, 'batch.amazonaws.com'],
  [/firehose|delivery/i, 'firehose.amazonaws.com'],
  [/api/i, 'apigateway.amazonaws.com'],
]

const COMMONEST = ['lambda.amazonaws.com', 'ecs-tasks.amazonaws.com', 'ec2.amazonaws.com']
const MAX_SERVICES = 3

/** What the calls of the service send, then what the name of the role suggests, then what is passed most often. At most three. */
export function likelyServices({ call: { eventSource }, resource }: Denial): readonly string[] {
  const sent = eventSource === null ? [] : valuesSentBy(eventSource)
  const name = writtenRole(resource)?.name ?? ''
  const named = BY_WORD.filter(([word]) => word.test(name)).map(([, service]) => service)
  return [...new Set(sent.length > 0 ? sent : [...named, ...COMMONEST])].slice(0, MAX_SERVICES)
}
