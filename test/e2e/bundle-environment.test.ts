/** The environment that the template sets for each function is enough to start its bundle. */
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { WRITE_CONFIG_FILE } from '../../functions/domain/config/write-config.ts'
import { PACKED_CONFIG_FILE } from '../../infra/bundle.ts'
import { FUNCTIONS } from '../../infra/functions.ts'
import { nameOf } from '../../infra/names.ts'
import { deploy, ORGANIZATION, resources } from '../infra/deployment.ts'
import { bundledFile } from './bundled.ts'
import { startLambda } from './lambda.ts'

const lambdas = resources(deploy({ organization: ORGANIZATION }), 'AWS::Lambda::Function', 'rolemedic-bot')

function variablesOf(functionName: string): readonly string[] {
  const lambda = lambdas.find(({ Properties }) => Properties['FunctionName'] === functionName)
  const { Variables } = (lambda?.Properties['Environment'] ?? {}) as { readonly Variables?: object }
  return Object.keys(Variables ?? {})
}

const configuration = (home: string) => ({
  CONFIG_FILE: join(home, PACKED_CONFIG_FILE),
  WRITE_CONFIG_FILE: join(home, WRITE_CONFIG_FILE),
})

it.each(FUNCTIONS)('%s starts with the variables of its template, and with none fewer', async name => {
  const file = await bundledFile(name)
  const home = dirname(file)
  const given = Object.fromEntries(variablesOf(nameOf(name)).map(variable => [variable, 'some-value']))
  // What Lambda sets, and where it unpacks the configuration.
  const env = { ...given, AWS_REGION: 'eu-west-1', ...configuration(home) }
  const lambda = await startLambda(file, env)
  lambda.stop()
  // The one that each of them has, or the other functions.
  const own: { readonly [name: string]: string } = { write: 'WRITER_ROLE_NAME', enroll: 'BOT_ACCOUNT_ID' }
  const needed = own[name] ?? 'TABLE_NAME'
  await expect(startLambda(file, { ...env, [needed]: '' })).rejects.toThrow(needed)
})
