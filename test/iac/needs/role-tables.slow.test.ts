import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec'
import { describe, expect, it } from 'vitest'
import cloudFormation from '../../../core/denial/resource-types/cloudformation-roles.json' with { type: 'json' }
import terraform from '../../../core/denial/resource-types/terraform-roles.json' with { type: 'json' }
import { generateCloudFormation, generateTerraform } from '../../../tools/role-properties/generate.ts'
import { readDecisions } from '../../../tools/role-properties/tables.ts'

describe('the tables of role properties', () => {
  const generated = generateCloudFormation(loadAwsServiceSpecSync(), readDecisions('cloudformation.tsv'))

  it('decide every property of the specification that is or looks like a role', () => {
    expect(generated.undecided).toEqual([])
    expect(generated.unused).toEqual([])
  })

  it('are what npm run role-properties makes today', () => {
    expect(generated.types).toEqual(cloudFormation.types)
    expect(generateTerraform(readDecisions('terraform.tsv'))).toEqual(terraform.types)
  })

  it('give a reason for each property that no call passes', () => {
    const silent = [...readDecisions('cloudformation.tsv'), ...readDecisions('terraform.tsv')].filter(
      ({ operation, note }) => operation === '-' && note === '',
    )
    expect(silent).toEqual([])
  })

  it('cover the most used types: over 120 of Terraform, over 300 of CloudFormation', () => {
    expect(Object.values(terraform.types).filter(rows => rows.length > 0).length).toBeGreaterThan(120)
    expect(Object.keys(cloudFormation.types).length).toBeGreaterThan(300)
  })
})
