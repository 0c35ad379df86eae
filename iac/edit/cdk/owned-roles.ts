/** The roles and users of a CDK app: separate constructs, and those that another construct makes for itself. */
import type { CdkSource, ConstructCall } from './made.ts'

export type OwnedRole = {
  readonly made: ConstructCall
  /** The path below the construct: `['Resource']`, or `['ServiceRole', 'Resource']`. */
  readonly below: readonly string[]
  /** The TypeScript method that adds a statement to its policy. */
  readonly grant: string
  /** True when the construct itself is the role. */
  readonly isRole: boolean
}

/** https://docs.aws.amazon.com/cdk/api/v2/docs/aws-construct-library.html */
const FOR_ITSELF: { readonly [type: string]: readonly (readonly [child: string, prop: string, grant: string])[] } = {
  Function: [['ServiceRole', 'role', 'addToRolePolicy']],
  DockerImageFunction: [['ServiceRole', 'role', 'addToRolePolicy']],
  NodejsFunction: [['ServiceRole', 'role', 'addToRolePolicy']],
  PythonFunction: [['ServiceRole', 'role', 'addToRolePolicy']],
  GoFunction: [['ServiceRole', 'role', 'addToRolePolicy']],
  Project: [['Role', 'role', 'addToRolePolicy']],
  PipelineProject: [['Role', 'role', 'addToRolePolicy']],
  StateMachine: [['Role', 'role', 'addToRolePolicy']],
  Instance: [['InstanceRole', 'role', 'addToRolePolicy']],
  AutoScalingGroup: [['InstanceRole', 'role', 'addToRolePolicy']],
  TaskDefinition: [
    ['TaskRole', 'taskRole', 'addToTaskRolePolicy'],
    ['ExecutionRole', 'executionRole', 'addToExecutionRolePolicy'],
  ],
}

export function ownedRoles(source: CdkSource, kind: 'role' | 'user'): readonly OwnedRole[] {
  return source.made.flatMap((made): readonly OwnedRole[] => {
    const type = kind === 'role' ? 'Role' : 'User'
    if (made.type === type && !source.classes.has(type))
      return [{ made, below: ['Resource'], grant: 'addToPolicy', isRole: true }]
    const known = /^(?:Fargate|Ec2|External)TaskDefinition$/.test(made.type) ? 'TaskDefinition' : made.type
    if (kind === 'user' || !Object.hasOwn(FOR_ITSELF, known) || source.classes.has(made.type)) return []
    return (FOR_ITSELF[known] ?? [])
      .filter(([, prop]) => !made.given.has(prop))
      .map(([child, , grant]) => ({ made, below: [child, 'Resource'], grant, isRole: false }))
  })
}
