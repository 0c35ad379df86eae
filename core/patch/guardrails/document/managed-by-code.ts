import { type Guardrail, type GuardrailInput, PASS, warn } from '../guardrail.ts'

/** The next deploy may undo a change that is not in the code, so the card shows the same change as code first. */
export const managedByCode: Guardrail = {
  id: 'managed-by-code',
  check: ({ patch, snapshot, roles }) => {
    for (const { target } of patch.changes) {
      const owner = codeOwner(tagsOf(target.arn, { snapshot, roles }))
      if (owner !== null) return warn(`${target.name} is managed by ${owner}: make the same change there.`)
    }
    return PASS
  },
}

function tagsOf(arn: string, { snapshot, roles }: Pick<GuardrailInput, 'snapshot' | 'roles'>) {
  const caller = snapshot.caller.kind === 'found' && snapshot.caller.value.arn === arn ? snapshot.caller.value : null
  const role = roles.map(one => one.role).find(read => read.kind === 'found' && read.value.arn === arn)
  return caller?.tags ?? (role?.kind === 'found' ? role.value.tags : {})
}

/** The infrastructure code that manages an entity, from its tags. Null: the tags do not say. */
function codeOwner(tags: { readonly [key: string]: string }): string | null {
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
