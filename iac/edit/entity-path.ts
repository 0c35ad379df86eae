/**
 * An account cannot have two roles with the same name, whatever their paths. So code with another path is for another account,
 * or is out of date.
 */
import type { Target } from '../../core/patch/index.ts'

/** `/app/` for `arn:aws:iam::111122223333:role/app/orders`. */
export const pathIn = ({ arn }: Pick<Target, 'arn'>): string => arn.slice(arn.indexOf('/'), arn.lastIndexOf('/') + 1)

/**
 * Splits a generated name, `Stack-LogicalId-1ABCDEFGHIJK2`. Logical ids contain only letters and digits, so the last two parts
 * are certain. Null for any other name, and for one that may have been cut to 64 characters.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html
 */
export function generatedName(name: string): { readonly stack: string; readonly logicalId: string } | null {
  const parts = /^([A-Za-z][A-Za-z0-9-]*)-([A-Za-z0-9]+)-[A-Za-z0-9]{12,13}$/.exec(name)
  return parts === null || name.length >= 64 ? null : { stack: parts[1] ?? '', logicalId: parts[2] ?? '' }
}

export const underAnotherPath = (place: string, path: string, target: Target): string =>
  `${place} has the name ${target.name} under the path ${path}, and IAM has it under ${pathIn(target)}: add the snippet to it if it is the same`
