/** Two roles of one name cannot be in one account, whatever their paths: code with another path is for another account, or out of date. */
import type { Target } from '../patch/patch.ts'

/** `/app/` of `arn:aws:iam::111122223333:role/app/orders`. */
export const pathIn = ({ arn }: Pick<Target, 'arn'>): string => arn.slice(arn.indexOf('/'), arn.lastIndexOf('/') + 1)

export const underAnotherPath = (place: string, path: string, target: Target): string =>
  `${place} has the name ${target.name} under the path ${path}, and IAM has it under ${pathIn(target)}: add the snippet to it if it is the same`
