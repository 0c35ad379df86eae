/** Which files of a repository may hold roles. */

const CODE = /\.(?:tf|tofu|tfvars|ya?ml|json|template|ts|py)$/
const NEVER = /(?:^|\/)(?:package-lock|npm-shrinkwrap|tsconfig)\.json$|\.d\.ts$|(?:^|\/)(?:pnpm-lock|yarn\.lock)/
const FOLDERS = /(?:^|\/)(?:\.git|node_modules|\.terraform|\.terragrunt-cache|\.aws-sam|\.venv|venv|__pycache__|\.tox)$/
const ASSET = /(?:^|\/)cdk\.out\/(?:.*\/)?asset\./

export const isCodePath = (path: string): boolean =>
  CODE.test(path) && !NEVER.test(path) && (!/(?:^|\/)cdk\.out\//.test(path) || path.endsWith('.template.json'))

export const isSkippedFolder = (path: string): boolean => FOLDERS.test(path) || ASSET.test(path)
