/** The form in which the checkout that a command runs in keeps its policies, by the files that its tools need. */
import { CODE_FORMATS, type CodeFormat } from '../../core/patch/index.ts'
import type { Io } from '../io.ts'

/** Where such files usually are; the first folder that has one decides. */
const FOLDERS = ['.', 'infra', 'infrastructure', 'terraform', 'cdk', 'deploy']

const SIGNS: readonly (readonly [CodeFormat, RegExp])[] = [
  ['cdk', /^cdk\.json$/],
  ['terraform', /(?:\.(?:tf|tofu)(?:\.json)?|^terragrunt\.hcl)$/],
  ['cloudformation', /^(?:template\.(?:ya?ml|json)|samconfig\.(?:toml|ya?ml)|serverless\.(?:ya?ml|ts|json))$/],
]

export async function repositoryFormat(io: Pick<Io, 'fileNames'>): Promise<CodeFormat | null> {
  for (const folder of FOLDERS) {
    const names = await io.fileNames(folder)
    const found = SIGNS.find(([, sign]) => names.some(name => sign.test(name)))
    if (found !== undefined) return found[0]
  }
  return null
}

export const isCodeFormat = (text: string): text is CodeFormat => CODE_FORMATS.some(format => format === text)
