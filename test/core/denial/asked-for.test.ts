/** Code that asks whether a text contains a refusal: no refusal happened there. */
import { describe, expect, it } from 'vitest'
import { denialsInLog } from '../../../core/denial/logs/denials-in-log.ts'
import { parseRecord } from '../../../core/denial/parse-denial.ts'

const LAMBDA = 'The role defined for the function cannot be assumed by Lambda'

describe('a refusal that code looks for is none', () => {
  it.each([
    `if "${LAMBDA}" in str(e):`,
    `if '${LAMBDA}' not in e.response['Error']['Message']:`,
    `if "${LAMBDA}" in message or tries > 5:`,
    `if (\n    "cannot be assumed by Lambda" in str(e)\n    and attempt < 5\n):`,
    `return strings.Contains(err.Error(), "${LAMBDA}"), err`,
    `tfawserr.ErrMessageContains(err, "InvalidParameterValueException", "${LAMBDA}")`,
    `e.message?.includes("cannot be assumed by Lambda"),`,
    `[[ "$output" == *"${LAMBDA}"* ]]`,
    `until ! grep -q "${LAMBDA}" out.log; do`,
    `expect(message).toContain('Roles may not be assumed by root accounts.')`,
    'if "Cross-account pass role is not allowed" in str(error):',
    `assert 'Not authorized to perform sts:AssumeRoleWithWebIdentity' in result.stderr`,
    'await expect(session()).rejects.toThrow(/not authorized to perform: sts:TagSession/);',
    'await assert.rejects(run(), /not authorized to perform: sts:AssumeRole/)',
    'if (/is not authorized to perform: iam:PassRole/i.test(message)) retry()',
    `error.message.match(/${LAMBDA}\\./)`,
  ])('%s', code => {
    expect(denialsInLog(code).denials).toEqual([])
  })

  it.each([
    `Error: "${LAMBDA}" in the stack orders`,
    `Error: '${LAMBDA}' in C:\\app\\deploy.php:12`,
    `Error: contains("x"): ${LAMBDA}.`,
    `["contains(x)", "${LAMBDA}."]`,
    `{"match":"x","message":"${LAMBDA}."}`,
    `failed (/deploy): ${LAMBDA}. (/tmp)`,
    `    if "${LAMBDA}" in str(e):\nAn error occurred (InvalidParameterValueException) when calling the CreateFunction operation: ${LAMBDA}.`,
  ])('but one that is told is: %s', text => {
    expect(denialsInLog(text).denials).toMatchObject([{ denial: { principal: { name: 'lambda.amazonaws.com' } } }])
  })
})

/** Who calls may choose parts of what AWS says. */
it.each(['" in a(', "' not in a.b[", '" in x.message'])(
  'a record is a denial, whatever the role is called: %s',
  behind => {
    const role = 'arn:aws:iam::111122223333:role/orders'
    const errorMessage = `User: arn:aws:iam::111122223333:user/ana is not authorized to perform: iam:PassRole on resource: ${role}${behind}`
    const call = { eventID: 'e-1', eventSource: 'ecs.amazonaws.com', eventName: 'RegisterTaskDefinition' }
    expect(parseRecord({ ...call, errorCode: 'AccessDenied', errorMessage })).toMatchObject({ kind: 'denial' })
  },
)
