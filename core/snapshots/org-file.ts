/** The `--org` file: the organization, and the SCPs and RCPs on the path of each account, which account files lack. */

import * as z from 'zod'
import { type Fact, firstIssue, known, parseJsonText, UsageError, unknown } from '../base/index.ts'
import type { GuardrailLevel, Organization } from '../iam/index.ts'
import { fullAccess, guardrailLevels } from './guardrail-levels.ts'

const accountId = z.string().check(z.regex(/^\d{12}$/, 'an account id has 12 digits'))
const policy = z.object({ name: z.string(), arn: z.nullish(z.string()), document: z.optional(z.unknown()) })
const level = z.object({
  id: z.string(),
  serviceControlPolicies: z.nullish(z.array(policy)),
  resourceControlPolicies: z.nullish(z.array(policy)),
})
const orgFile = z.object({
  organizationId: z.nullish(z.string()),
  managementAccountId: z.nullish(accountId),
  accounts: z.nullish(z.record(accountId, z.object({ path: z.array(level) }))),
})

export type OrgFile = {
  readonly organization: Fact<Organization>
  serviceControlPolicies(accountId: string): Fact<readonly GuardrailLevel[]>
  resourceControlPolicies(accountId: string): Fact<readonly GuardrailLevel[]>
  /** The ids from the root down. */
  units(accountId: string): Fact<readonly string[]>
}

export const NO_ORG_FILE: OrgFile = {
  organization: unknown('no organization file was given'),
  serviceControlPolicies: () => unknown('no organization file was given'),
  resourceControlPolicies: () => unknown('no organization file was given'),
  units: () => unknown('no organization file was given'),
}

const EXPECTED =
  'an organization file is {"organizationId": "o-…", "managementAccountId": "…", "accounts": {"<account id>": {"path": [{"id": "r-…", "serviceControlPolicies": […], "resourceControlPolicies": […]}]}}}'

export function readOrgFile(file: string, text: string): OrgFile {
  const parsed = orgFile.safeParse(parseJsonText(file, text))
  if (!parsed.success) throw new UsageError(`${file}: ${firstIssue(parsed.error)}; ${EXPECTED}`)
  const { organizationId, managementAccountId, accounts } = parsed.data
  // All fields are optional, so without this check any JSON object would be valid.
  if ((organizationId ?? managementAccountId ?? accounts) == null)
    throw new UsageError(`${file}: not an organization file; ${EXPECTED}`)

  const levels = (accountId: string, type: 'scp' | 'rcp'): Fact<readonly GuardrailLevel[]> => {
    const path = accounts?.[accountId]?.path
    if (path === undefined) return unknown(`${file} does not list account ${accountId}`)
    const list = type === 'scp' ? 'serviceControlPolicies' : 'resourceControlPolicies'
    // A missing list makes its level unknown. An empty list means that nothing is attached.
    const missing = path.find(step => step[list] == null)
    if (missing !== undefined) return unknown(`${file} has no ${list} for ${missing.id}`)
    return guardrailLevels(
      type,
      path.map(step => ({
        id: step.id,
        policies: (step[list] ?? []).map(({ name, arn, document }) => ({
          name,
          arn: arn ?? null,
          document: fullAccess(name, document),
        })),
      })),
    )
  }

  return {
    organization: known({ id: organizationId ?? null, managementAccountId: managementAccountId ?? null }),
    serviceControlPolicies: accountId => levels(accountId, 'scp'),
    resourceControlPolicies: accountId => levels(accountId, 'rcp'),
    units: accountId => {
      const path = accounts?.[accountId]?.path
      return path === undefined
        ? unknown(`${file} does not list account ${accountId}`)
        : known(path.map(({ id }) => id).filter(id => id !== accountId))
    },
  }
}
