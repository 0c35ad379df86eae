import { describe, expect, it } from 'vitest'
import { packedText, publishedActions, readPublishedActions } from '../../../core/service-actions/index.ts'

const text = packedText()
const packed = publishedActions()

describe('the packed actions', () => {
  // https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html and its neighbours
  it.each([
    ['s3:ListBucket', ['arn:$:s3:::$']],
    ['s3:GetObject', ['arn:$:s3:::$/$']],
    ['iam:PutRolePolicy', ['arn:$:iam::$:role/$']],
    ['kms:CreateAlias', ['arn:$:kms:$:$:alias/$', 'arn:$:kms:$:$:key/$']],
    ['sqs:SendMessage', ['arn:$:sqs:$:$:$']],
    ['ecr:GetAuthorizationToken', []],
    ['apigateway:GET', ['arn:$:apigateway:$::/restapis']],
    ['execute-api:Invoke', ['arn:$:execute-api:$:$:$/$/$/$']],
  ])('know %s and its resources', (name, forms) => {
    const [prefix = '', own = ''] = name.split(':')
    const action = packed.service(prefix)?.actions.get(own.toLowerCase())
    expect(action?.name).toBe(name)
    const found = action?.types.flat() ?? []
    expect(found).toEqual(expect.arrayContaining(forms))
    if (forms.length === 0) expect(found).toEqual([])
  })

  it.each(['a4b', '__proto__', '', 'S3'])('know no service "%s"', prefix => {
    expect(packed.service(prefix)).toBeNull()
  })

  it('say their day', () => {
    expect(packed.day).toMatch(/^20\d\d-\d\d-\d\d$/)
  })

  it('are refused where a part is missing', () => {
    expect(() => readPublishedActions(text.slice(0, text.length / 2))).toThrow('the packed actions are not whole')
    expect(() => readPublishedActions('')).toThrow('the packed actions are not whole')
  })
})
