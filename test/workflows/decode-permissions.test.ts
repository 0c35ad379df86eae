/** The message and what AWS decodes of it: https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html */
import { describe, expect, it } from 'vitest'
import { known, unknown } from '../../core/base/index.ts'
import { evaluationInDecoded } from '../../core/denial/index.ts'
import { type FailureReason, missingPermissions, ownPermissions } from '../../functions/domain/deploy/index.ts'
import { decodePermissions } from '../../functions/workflows/deploy/decode-permissions.ts'

const ACCOUNT = '111122223333'
const BUILD = `arn:aws:sts::${ACCOUNT}:assumed-role/build/AWSCodeBuild-1`
const MESSAGE = 'bXDzNlS4mAwQ'.repeat(20)
const SUBNET = `arn:aws:ec2:eu-west-1:${ACCOUNT}:subnet/subnet-1`

const refused = (operation: string, message = MESSAGE) =>
  `An error occurred (UnauthorizedOperation) when calling the ${operation} operation: You are not authorized to perform this operation. Encoded authorization failure message: ${message}`

type Decoded = {
  readonly action?: string
  readonly arn?: string
  readonly allowed?: boolean
  readonly explicitDeny?: boolean
}
const evaluation = ({ action = 'ec2:RunInstances', arn = BUILD, allowed = false, explicitDeny = false }: Decoded) => {
  const principal = { id: 'AROAEXAMPLE:AWSCodeBuild-1', arn }
  const read = evaluationInDecoded(
    JSON.stringify({ allowed, explicitDeny, context: { principal, action, resource: SUBNET } }),
  )
  if (!read.ok) throw new Error(read.error)
  return known(read.value)
}

/** A log that someone gave, or with `own` one that the bot read. */
async function decoded(
  text: string,
  answer: ReturnType<typeof evaluation> | ReturnType<typeof unknown>,
  own: { readonly roleArn: string; readonly session: string } | null = null,
) {
  const reasons: readonly FailureReason[] = [{ text, resource: null, resourceType: null, atMs: 1, isLog: true }]
  const deploy = { kind: 'codebuild', accountId: ACCOUNT }
  const judge = own === null ? null : { deploy, own: [own] }
  const named = judge === null ? missingPermissions(reasons) : ownPermissions(reasons, deploy, judge.own).permissions
  const asked: [string, string][] = []
  const decode = async (accountId: string, message: string) => {
    asked.push([accountId, message])
    return answer
  }
  const found = await decodePermissions(named, reasons, ACCOUNT, judge, { decode })
  return {
    asked,
    found: found.map(({ action, principal, resource, certainty }) => ({ action, principal, resource, certainty })),
  }
}

const NAMED = { action: 'ec2:RunInstances', principal: BUILD, resource: SUBNET }

describe('a refusal that only its encoded message names', () => {
  it('is named by what AWS decodes, asked once in the account of the deploy', async () => {
    const { asked, found } = await decoded(`Step 3\n${refused('RunInstances')}`, evaluation({}))
    expect(asked).toEqual([[ACCOUNT, MESSAGE]])
    expect(found).toEqual([{ ...NAMED, certainty: 'certain' }])
  })

  it('is certain in the log of a build only of the build itself', async () => {
    const own = { roleArn: `arn:aws:iam::${ACCOUNT}:role/build`, session: 'AWSCodeBuild-1' }
    const text = refused('RunInstances')
    expect((await decoded(text, evaluation({}), own)).found).toEqual([{ ...NAMED, certainty: 'certain' }])
    const arn = `arn:aws:sts::${ACCOUNT}:assumed-role/admin/jane`
    expect((await decoded(text, evaluation({ arn }), own)).found).toMatchObject([
      { principal: arn, certainty: 'probable' },
    ])
    const foreign = await decoded(text, evaluation({ arn: 'arn:aws:iam::444455556666:user/eve' }), own)
    expect(foreign.found).toMatchObject([{ action: null, principal: null }])
  })

  it.each([
    ['a message that AWS does not decode', unknown('the encoded message is damaged or cut off')],
    ['one that was allowed', evaluation({ allowed: true })],
    ['words that are no action', evaluation({ action: 'ec2:Run Instances' })],
  ])('stays what its text names: %s', async (_, answer) => {
    expect((await decoded(refused('RunInstances'), answer)).found).toMatchObject([{ action: null }])
  })

  it('is probable for a role that is passed or assumed, until its record says for whom', async () => {
    for (const action of ['iam:PassRole', 'sts:AssumeRole'])
      expect((await decoded(refused('RunInstances'), evaluation({ action }))).found).toEqual([
        { ...NAMED, action, certainty: 'probable' },
      ])
  })

  it('is not asked for where it is cut, or where the text names the action', async () => {
    expect((await decoded(refused('RunInstances', 'bXDzNlS...'), evaluation({}))).asked).toEqual([])
    const sentence = `User: ${BUILD} is not authorized to perform: ec2:RunInstances on resource: ${SUBNET}. Encoded authorization failure message: ${MESSAGE}`
    expect((await decoded(sentence, evaluation({}))).asked).toEqual([])
  })

  it('costs at most three calls a deploy', async () => {
    const operations = ['RunInstances', 'CreateTags', 'CreateVpc', 'CreateSubnet', 'DeleteVpc']
    const text = operations.map(operation => refused(operation)).join('\n\n\n\n\n')
    expect((await decoded(text, unknown('no'))).asked).toHaveLength(3)
  })
})
