/** Which files of a repository may hold roles. */
import type { CodeKind } from '../repository/index.ts'

const CODE = /\.(?:tf|tofu|tfvars|ya?ml|json|template|ts|py)$|(?:^|\/)terragrunt\.hcl$/
const NEVER = /(?:^|\/)(?:package-lock|npm-shrinkwrap|tsconfig)\.json$|\.d\.ts$|(?:^|\/)(?:pnpm-lock|yarn\.lock)/
const FOLDERS =
  /(?:^|\/)(?:\.git|node_modules|\.terraform|\.rolemedic|\.terragrunt-cache|\.aws-sam|\.venv|venv|__pycache__|\.tox)$/
const ASSET = /(?:^|\/)cdk\.out\/(?:.*\/)?asset\./

export const isEditablePath = (path: string): boolean =>
  CODE.test(path) && !NEVER.test(path) && (!/(?:^|\/)cdk\.out\//.test(path) || path.endsWith('.template.json'))

export const isSkippedFolder = (path: string): boolean => FOLDERS.test(path) || ASSET.test(path)

const BY_KIND: { readonly [kind in CodeKind]: RegExp } = {
  terraform: /\.(?:tf|tofu|tfvars)(?:\.json)?$|(?:^|\/)terragrunt\.hcl$/i,
  cloudformation: /\.(?:ya?ml|json|template)$/i,
  sam: /\.(?:ya?ml|json|template)$/i,
  'cdk-typescript': /\.ts$/i,
  'cdk-python': /\.py$/i,
}

/** True when a file of this name may make roles of this kind of code, or decide their values. */
export const mayMakeRoles = (path: string, kind: CodeKind): boolean => BY_KIND[kind].test(path)
