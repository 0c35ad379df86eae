import { describe, expect, it } from 'vitest'
import { analyzeCase, caseFile, inputOf } from '../../case-run.ts'

async function refusalOf(name: string, file: string) {
  const cases = caseFile(file)
  const one = cases.cases.find(each => each.name === name)
  if (one === undefined) throw new Error(`no case is called ${name}`)
  return (await analyzeCase(inputOf(cases, one))).refusal
}

describe('a cause that is likely and not proved', () => {
  it('is refused with what was not seen and why, guardrails that were not read aside', async () => {
    const name = "a session in an instance's name with unknown delivery leaves the deny open"
    expect(await refusalOf(name, 'guarded/keys-not-in-the-request.json')).toEqual({
      code: 'not-proved',
      message:
        'The cause is likely and not proved, so no change is offered. Not seen: ec2:RoleDelivery (the event does not show ec2:RoleDelivery).',
      owner: null,
    })
  })
})
