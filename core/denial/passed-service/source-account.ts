/**
 * Services that send `aws:SourceAccount` when they assume a role that a call gave them, and for which AWS recommends that the
 * trust policy checks it. Roles are passed inside one account, so the value is the account of the role.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
 */

/** The operations whose jobs send the key. Null: everything that the service does with the role sends it. */
const SERVICES: { readonly [service: string]: readonly string[] | null } = {
  // https://docs.aws.amazon.com/codebuild/latest/userguide/setting-up-service-role.html
  'codebuild.amazonaws.com': null,
  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
  'ecs-tasks.amazonaws.com': null,
  // https://docs.aws.amazon.com/eks/latest/userguide/cross-service-confused-deputy-prevention.html
  'eks.amazonaws.com': null,
  // https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-iam-role.html
  'elasticmapreduce.amazonaws.com': null,
  // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-permissions.html
  'pipes.amazonaws.com': null,
  // https://docs.aws.amazon.com/sagemaker/latest/dg/security-confused-deputy-prevention.html
  'sagemaker.amazonaws.com': ['CreatePipeline', 'CreateProcessingJob', 'CreateTrainingJob', 'CreateTransformJob'],
  // https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
  'scheduler.amazonaws.com': null,
  // https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html
  'states.amazonaws.com': null,
}

export function sendsSourceAccount(service: string, operation: string | null): boolean {
  const name = service.replace(/\.cn$/, '')
  if (!Object.hasOwn(SERVICES, name)) return false
  const operations = SERVICES[name] ?? null
  return operations === null || (operation !== null && operations.includes(operation))
}
