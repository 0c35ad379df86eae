/** How to pass in the policies that were not read. Does not ask for those that were given. */
import type { NextStep } from '../diagnosis.ts'
import { advice } from '../diagnosis-builder.ts'
import type { DiagnosisContext } from '../diagnosis-context.ts'
import { joinNames } from './short-names.ts'

const PRINT = 'aws iam get-account-authorization-details'

export function policiesStep({ denial, roleAccount, filesOf }: DiagnosisContext): readonly NextStep[] {
  if (filesOf === null) return []
  if (filesOf.length === 0)
    return [
      advice(
        'Pass the policies of the account with --account, or read them with --live, to be sure.',
        `${PRINT} > account.json`,
      ),
    ]
  const needed = new Set([denial.principal.accountId, roleAccount].filter(account => account !== null))
  const missing = [...needed].filter(account => /^\d{12}$/.test(account) && !filesOf.includes(account))
  const [first] = missing
  if (first === undefined) return []
  const given =
    filesOf.length === 1
      ? `the --account file is of account ${filesOf[0]}`
      : `the --account files are of accounts ${joinNames(filesOf)}`
  return [
    advice(
      `Pass the file of ${joinNames(missing)} as well: ${given}.`,
      `${PRINT} > account-${first}.json`,
      `somebody who can read account ${first}`,
    ),
  ]
}
