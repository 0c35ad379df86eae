/** A plan of Terraform that creates functions, each with a role of its own from the account that `writeAccount` writes. */
import { writeFileSync } from 'node:fs'
import { role } from '../engine/generated-account.ts'
import { nameAt, writeAccount } from '../snapshot/generated-file.ts'

export const DEPLOYER = role('deployer')

export function writePlan(plan: string, account: string, functions: number): void {
  const created = (at: number) => ({
    ...{ address: `aws_lambda_function.f[${at}]`, mode: 'managed', type: 'aws_lambda_function', name: 'f', index: at },
    change: {
      ...{ actions: ['create'], before: null, after_unknown: { arn: true } },
      after: { function_name: `f-${at}`, role: role(nameAt(at)), runtime: 'nodejs22.x', handler: 'index.handler' },
    },
  })
  const changes = Array.from({ length: functions }, (_, at) => created(at))
  const whole = { format_version: '1.2', resource_changes: changes, configuration: { root_module: {} } }
  writeFileSync(plan, JSON.stringify(whole))
  writeAccount(account, functions)
}
