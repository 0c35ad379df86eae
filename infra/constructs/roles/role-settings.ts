/** Sets path and permissions boundary of every role, including those that the CDK adds. */
import { Aspects, Aws } from 'aws-cdk-lib'
import { CfnManagedPolicy, CfnRole } from 'aws-cdk-lib/aws-iam'
import type { IConstruct } from 'constructs'
import type { DeploySettings } from '../../settings.ts'

export function applyRoleSettings(
  scope: IConstruct,
  { rolePath, permissionsBoundary }: Pick<DeploySettings, 'rolePath' | 'permissionsBoundary'>,
): void {
  Aspects.of(scope).add({
    visit: node => {
      if (!(node instanceof CfnRole || node instanceof CfnManagedPolicy)) return
      if (rolePath !== '/') node.path = rolePath
      // The writer role keeps its own boundary, which is narrower.
      if (node instanceof CfnRole && permissionsBoundary !== null)
        node.permissionsBoundary ??= `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:policy/${permissionsBoundary}`
    },
  })
}
