import { never } from '../../functions/domain/base/result.ts'
import { toCdk } from '../../functions/domain/patch/export/cdk.ts'
import { toAwsCli } from '../../functions/domain/patch/export/cli.ts'
import { toCloudFormation } from '../../functions/domain/patch/export/cloudformation.ts'
import { toTerraform } from '../../functions/domain/patch/export/terraform.ts'
import type { PolicyChange } from '../../functions/domain/patch/patch.ts'

export type CodeFormat = 'terraform' | 'cdk' | 'cloudformation' | 'cli'

/** The required changes in the infrastructure language of the user. */
export function changesAsCode(changes: readonly PolicyChange[], format: CodeFormat): string {
  return changes
    .filter(({ required }) => required)
    .map(change => asCode(change, format))
    .join('\n')
}

function asCode(change: PolicyChange, format: CodeFormat): string {
  switch (format) {
    case 'terraform':
      return toTerraform(change)
    case 'cdk':
      return toCdk(change)
    case 'cloudformation':
      return toCloudFormation(change)
    case 'cli':
      return toAwsCli(change)
    default:
      return never(format)
  }
}
