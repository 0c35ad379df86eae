/** The code that manages an entity, in words, as its tags tell; null when they do not. */
export function codeOwner(tags: { readonly [key: string]: string }): string | null {
  const stack = tags['aws:cloudformation:stack-name']
  const isCdk = Object.keys(tags).some(key => /^aws-cdk:|^aws:cdk:/.test(key))
  if (stack !== undefined) return `${isCdk ? 'CDK, ' : ''}CloudFormation stack ${stack}`
  if (isCdk) return 'CDK'
  const terraform = Object.entries(tags).some(
    ([key, value]) =>
      (/^terraform/i.test(key) && value.toLowerCase() !== 'false') ||
      (/^(managed[-_ :]?by|provisioner|created[-_ :]?by|iac)$/i.test(key) && /terraform|opentofu/i.test(value)),
  )
  return terraform ? 'Terraform' : null
}
