import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { liveOperator } from '../../../cli/live/operator.ts'
import { IDENTITY_CHANGE } from '../../fakes/two-sided.ts'

const WHO = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
  <Arn>arn:aws:iam::111122223333:user/ada</Arn><UserId>AIDAEXAMPLE</UserId><Account>111122223333</Account>
</GetCallerIdentityResult></GetCallerIdentityResponse>`
const NONE = `<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type>
  <Code>NoSuchEntity</Code><Message>none</Message></Error></ErrorResponse>`

const agents: string[] = []
const earlier = { ...process.env }
let aws: Server

beforeEach(async () => {
  agents.length = 0
  aws = createServer((request, response) => {
    let body = ''
    request.on('data', chunk => {
      body += chunk
    })
    request.on('end', () => {
      const isWho = body.includes('Action=GetCallerIdentity')
      if (!isWho) agents.push(request.headers['user-agent'] ?? '')
      response.writeHead(isWho ? 200 : 404, { 'content-type': 'text/xml' }).end(isWho ? WHO : NONE)
    })
  }).listen(0, '127.0.0.1')
  await once(aws, 'listening')
  process.env['AWS_ENDPOINT_URL'] = `http://127.0.0.1:${(aws.address() as AddressInfo).port}`
  process.env['AWS_ACCESS_KEY_ID'] = 'AKIAEXAMPLE'
  process.env['AWS_SECRET_ACCESS_KEY'] = 'example'
})
afterEach(() => {
  aws.close()
  process.env = earlier
})

it('names the proposal and the reason in the user agent, which CloudTrail records', async () => {
  const { accountId, writer } = await liveOperator(
    { id: 'p-1', reason: 'wrong role: ask\nBen', profile: null },
    { env: {} },
  )
  expect(accountId).toBe('111122223333')
  expect(await writer.read(IDENTITY_CHANGE.target)).toEqual({ kind: 'absent' })
  expect(agents).toEqual([expect.stringMatching(/ rolemedic-revert\/p-1 reason\/wrong-role-?-ask-Ben/)])
})
