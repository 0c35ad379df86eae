import { describe, expect, it } from 'vitest'
import { repositoryFormat } from '../../cli/use-cases/repository-format.ts'

const formatOf = (folders: { readonly [folder: string]: readonly string[] }) =>
  repositoryFormat({ fileNames: async folder => [...(folders[folder] ?? [])] })

describe('the format of a repository', () => {
  it.each([
    ['main.tf', 'terraform'],
    ['main.tf.json', 'terraform'],
    ['main.tofu', 'terraform'],
    ['main.tofu.json', 'terraform'],
    ['terragrunt.hcl', 'terraform'],
    ['cdk.json', 'cdk'],
    ['template.yaml', 'cloudformation'],
    ['samconfig.toml', 'cloudformation'],
    ['serverless.yml', 'cloudformation'],
    ['tofu.md', null],
    ['package.json', null],
  ])('follows from %s: %s', async (name, format) => {
    expect(await formatOf({ '.': ['README.md', name] })).toBe(format)
    expect(await formatOf({ '.': ['README.md'], infra: [name] })).toBe(format)
  })

  it('is the one of the first folder that has a sign', async () => {
    expect(await formatOf({ '.': ['cdk.json'], terraform: ['main.tf'] })).toBe('cdk')
  })
})
