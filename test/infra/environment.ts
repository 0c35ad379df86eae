/**
 * Compares the variables that the template sets for each function with those in its code, because no other test finds a name that differs.
 */
import { describe, expect, it } from 'vitest'
import { ENVIRONMENT } from '../../bench/cold-start/environment.ts'
import { FUNCTIONS, type FunctionName } from '../../infra/functions.ts'
import { nameOf } from '../../infra/names.ts'
import { deploy, ORGANIZATION, resources } from './deployment.ts'
import { functionText } from './function-text.ts'

const lambdas = resources(deploy({ organization: ORGANIZATION }), 'AWS::Lambda::Function', 'rolemedic-bot')

function given(name: FunctionName): readonly string[] {
  const lambda = lambdas.find(({ Properties }) => Properties['FunctionName'] === nameOf(name))
  const { Variables = {} } = (lambda?.Properties['Environment'] ?? {}) as { readonly Variables?: object }
  return Object.keys(Variables).sort()
}

/** `env["NAME"]`, `names.NAME`, the lists of required variables, and those of the chat's secrets. */
async function named(name: FunctionName): Promise<readonly string[]> {
  const { whole, files } = await functionText(name)
  const one = [...whole.matchAll(/\benv\["(\w+)"\]/g)].map(([, variable = '']) => variable)
  // What `write` names, in its list and where it reads it.
  const ofWrite = [...(files.get('functions/write/environment.ts') ?? '').matchAll(/"([A-Z]+_[A-Z_]+)"/g)].map(
    ([, variable = '']) => variable,
  )
  const lists = [...whole.matchAll(/(?:NAMES\d*\d* = |environment\([\w.]+, )\[([^\]]*)\]/g)].flatMap(([, list = '']) =>
    [...list.matchAll(/"(\w+)"/g)].map(([, variable = '']) => variable),
  )
  const ofChat = [...whole.matchAll(/\bCHAT_\w+ = "([A-Z_]+)"/g)].map(([, variable = '']) => variable)
  return [...new Set([...one, ...lists, ...ofChat, ...ofWrite])].sort()
}

/** Read by Powertools: https://docs.aws.amazon.com/powertools/typescript/latest/environment-variables/ */
const FOR_POWERTOOLS = ['POWERTOOLS_LOG_LEVEL']
/** Set by Lambda itself: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
const BY_LAMBDA = ['AWS_REGION', 'AWS_XRAY_DAEMON_ADDRESS', '_X_AMZN_TRACE_ID']
/** Endpoints other than AWS's and Slack's own, for tests. */
const ELSEWHERE = [
  'AWS_ENDPOINT_URL_EVENTBRIDGE',
  'AWS_ENDPOINT_URL_IAM_TOOLBOX',
  'AWS_ENDPOINT_URL_STS',
  'SLACK_API_URL',
]
/** The parts that functions share can send to any of these queues; each sends to those that its role names. */
const QUEUES = ['PROPOSE_QUEUE_URL', 'PUBLISH_QUEUE_URL', 'VERIFY_QUEUE_URL', 'WRITE_QUEUE_URL']

describe('the environment of each function', () => {
  it.each([
    ['no', {}],
    ['no', { organization: { id: ORGANIZATION.id, hubAccountId: ORGANIZATION.hubAccountId } }],
    ['yes', { organization: ORGANIZATION }],
  ] as const)('says %s to permission sets as the settings name who administers them', (answer, settings) => {
    const found = resources(deploy(settings), 'AWS::Lambda::Function', 'rolemedic-bot').flatMap(({ Properties }) => {
      const { Variables } = (Properties['Environment'] ?? {}) as { readonly Variables?: { PERMISSION_SETS?: string } }
      return Variables?.PERMISSION_SETS === undefined ? [] : [[Properties['FunctionName'], Variables.PERMISSION_SETS]]
    })
    const deciding = ['propose', 'decide', 'verify', 'sweep'] as const
    expect(found.sort()).toEqual(deciding.map(name => [nameOf(name), answer]).sort())
  })

  it.each(FUNCTIONS)('of %s holds what its code names, and nothing else', async name => {
    const code = await named(name)
    const template = given(name)
    expect(template.filter(variable => !code.includes(variable))).toEqual(name === 'write' ? [] : FOR_POWERTOOLS)
    const elsewhere = [...BY_LAMBDA, ...ELSEWHERE, ...QUEUES]
    expect(code.filter(variable => !template.includes(variable) && !elsewhere.includes(variable))).toEqual([])
  })
  it.each(FUNCTIONS)('of %s is whole in the bench of cold starts, without which its handler does not start', name => {
    const perRun = name === 'write' ? ['WRITE_CONFIG_FILE'] : ['CONFIG_FILE', ...FOR_POWERTOOLS]
    expect(
      given(name)
        .filter(variable => !(variable in ENVIRONMENT))
        .sort(),
    ).toEqual(perRun)
  })
})
