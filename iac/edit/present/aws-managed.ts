/**
 * What a policy of AWS itself allows, for the one whose document never changes. Of all others, only the name is in the code.
 * https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AdministratorAccess.html
 */
import type { CodeStatement } from './granted-already.ts'

const ADMINISTRATOR = /^(?:arn:aws[a-z-]*:iam::aws:policy\/)?AdministratorAccess$/

/** `policy`: its ARN, or its name alone, as SAM takes it. */
export const awsManagedStatements = (policy: string, where: string): readonly CodeStatement[] =>
  ADMINISTRATOR.test(policy) ? [{ plain: { Effect: 'Allow', Action: '*', Resource: '*' }, where }] : []
