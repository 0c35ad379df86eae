/**
 * The statements of the one AWS managed policy whose document never changes. For all others, code contains only the name.
 * https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AdministratorAccess.html
 */
import type { CodeStatement } from './granted-already.ts'

const ADMINISTRATOR = /^(?:arn:aws[a-z-]*:iam::aws:policy\/)?AdministratorAccess$/

/** `policy`: its ARN or, as SAM accepts it, its name. */
export const awsManagedStatements = (policy: string, where: string): readonly CodeStatement[] =>
  ADMINISTRATOR.test(policy) ? [{ plain: { Effect: 'Allow', Action: '*', Resource: '*' }, where }] : []
