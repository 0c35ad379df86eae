/**
 * CloudFormation resolves `{{resolve:…}}` in every string of a template on deployment, also in results of intrinsics, and
 * offers no escape. IAM allows the same text in paths and values.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
 */
const DYNAMIC_REFERENCE = /\{\{\s*resolve\s*:/i

/** Checks strings and keys at any depth. */
export function hasDynamicReference(value: unknown): boolean {
  if (typeof value === 'string') return DYNAMIC_REFERENCE.test(value)
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(([key, member]) => DYNAMIC_REFERENCE.test(key) || hasDynamicReference(member))
}

export const NOT_IN_TEMPLATES =
  'CloudFormation would replace {{resolve:…}} in it during the deploy, so that no template can hold it'
