/** The same change as infrastructure code, for teams that manage the role as code. */
import { asPlainText, canonicalJson } from '../../../core/base/index.ts'
import { withoutSecrets } from '../../../core/iam/index.ts'
import { type PolicyChange, toAwsCli, toCdk, toCloudFormation, toTerraform } from '../../../core/patch/index.ts'
import type { Proposal } from '../proposal/index.ts'
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

/** For the thread of a card: in the language that the entity's tags name, otherwise in all. Empty: there is no change. */
export function codeForms({ verification, patch }: Pick<Proposal, 'verification' | 'patch'>): readonly CodeForm[] {
  if (patch === null) return []
  const owner = managedElsewhere(verification).map(asPlainText).join(' ')
  const wanted = ['Terraform', 'CDK', 'CloudFormation'].find(language => owner.includes(language))
  return patch.changes
    .filter(change => change.required)
    .flatMap(asCode)
    .filter(({ language }) => wanted === undefined || language.startsWith(wanted))
}
