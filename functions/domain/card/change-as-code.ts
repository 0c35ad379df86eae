/** The same change as infrastructure code, for teams that manage the role as code. */
import { canonicalJson } from '../base/canonical-json.ts'
import { asPlainText } from '../base/rich-text.ts'
import type { Mode } from '../config/config.ts'
import { withoutSecrets } from '../iam/policy/secrets.ts'
import { toCdk } from '../patch/export/cdk.ts'
import { toAwsCli } from '../patch/export/cli.ts'
import { toCloudFormation } from '../patch/export/cloudformation.ts'
import { toTerraform } from '../patch/export/terraform.ts'
import type { PolicyChange } from '../patch/patch.ts'
import type { Proposal } from '../proposal/proposal.ts'
import { managedElsewhere } from './checks.ts'

export type CodeForm = { readonly language: string; readonly text: string }

export function asCode(change: PolicyChange): readonly CodeForm[] {
  const shown = { ...change, after: withoutSecrets(change.after) }
  const left =
    canonicalJson(shown.after) === canonicalJson(change.after) ? '' : ' (its external id is left out: put it in)'
  return [
    { language: `Terraform${left}`, text: toTerraform(shown) },
    { language: `CloudFormation${left}`, text: toCloudFormation(shown) },
    { language: `CDK${left}`, text: toCdk(shown) },
    { language: `AWS CLI${left}`, text: toAwsCli(shown) },
  ]
}

/**
 * For the thread of a card whose role is managed as code: in the language that its tags name. Where nobody can approve, a card
 * without such tags gets all languages. Empty: the card is enough.
 */
export function codeForOwner({ verification, patch }: Proposal, mode: Mode): readonly CodeForm[] {
  const owner = managedElsewhere(verification).map(asPlainText).join(' ')
  if (patch === null || (owner === '' && mode === 'approve')) return []
  const wanted = ['Terraform', 'CDK', 'CloudFormation'].find(language => owner.includes(language))
  return patch.changes
    .filter(change => change.required)
    .flatMap(asCode)
    .filter(({ language }) => wanted === undefined || language.startsWith(wanted))
}
