/** Detects how the current checkout keeps its policies, by the files that its tools need. */
import type { CodeFormat } from '../../core/patch/index.ts'
import type { UseCaseWorld } from './world.ts'

/** Usual folders of such files. The first folder with one decides. */
const FOLDERS = ['.', 'infra', 'infrastructure', 'terraform', 'cdk', 'deploy']

const SIGNS: readonly (readonly [CodeFormat, RegExp])[] = [
  ['cdk', /^cdk\.json$/],
  ['terraform', /(?:\.(?:tf|tofu)(?:\.json)?|^terragrunt\.hcl)$/],
  ['cloudformation', /^(?:template\.(?:ya?ml|json)|samconfig\.(?:toml|ya?ml)|serverless\.(?:ya?ml|ts|json))$/],
]

export async function repositoryFormat({ fileNames }: Pick<UseCaseWorld, 'fileNames'>): Promise<CodeFormat | null> {
  for (const folder of FOLDERS) {
    const names = await fileNames(folder)
    const found = SIGNS.find(([, sign]) => names.some(name => sign.test(name)))
    if (found !== undefined) return found[0]
  }
  return null
}
