/** One diagnosis in a new process: prints the processor time of the first and of the second, in milliseconds. */
import { diagnosisOf } from './diagnosed.ts'
import { deniedRegistration, generatedAccount } from './generated-account.ts'

const account = generatedAccount({ roles: 10, statements: 10, about: 'other-actions' })
const { run } = diagnosisOf({ record: JSON.stringify(deniedRegistration({ id: 'first' })), account })
const msOf = async (): Promise<number> => {
  const before = process.cpuUsage()
  await run()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
process.stdout.write(JSON.stringify({ first: await msOf(), second: await msOf() }))
