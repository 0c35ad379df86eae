/** `--live`: what the account of the AWS credentials says about a hint. Lists and reads providers; changes nothing. */
import {
  GetOpenIDConnectProviderCommand,
  IAMClient,
  ListOpenIDConnectProvidersCommand,
  ListSAMLProvidersCommand,
} from '@aws-sdk/client-iam'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { fromNodeProviderChain } from '@aws-sdk/credential-providers'
import { type Hint, type HintStep, type HintSubject, hintStep } from '../../core/denial/index.ts'

const DECIDED: readonly HintSubject[] = ['no-oidc-provider', 'audience', 'provider-certificate', 'saml']

export type DecidedHints = { readonly hints: readonly Hint[]; readonly notes: readonly string[] }

/** A hint is as before, with a note, if AWS does not answer: there may be no credentials at all. */
export async function decideHints(
  hints: readonly Hint[],
  { profile, region }: { readonly profile: string | null; readonly region: string | null },
): Promise<DecidedHints> {
  if (!hints.some(({ subject }) => DECIDED.includes(subject))) return { hints, notes: [] }
  const shared = {
    region: region ?? 'us-east-1',
    credentials: fromNodeProviderChain(profile === null ? {} : { profile }),
  }
  const [iam, sts] = [new IAMClient(shared), new STSClient(shared)]
  try {
    const { Account = 'of the credentials' } = await sts.send(new GetCallerIdentityCommand({}))
    const decided: Hint[] = []
    for (const hint of hints) {
      const step = DECIDED.includes(hint.subject) ? await decidedStep(hint, Account, iam) : null
      decided.push(step === null ? hint : { ...hint, next: [step, ...hint.next] })
    }
    return { hints: decided, notes: [] }
  } catch (error) {
    return { hints, notes: [`AWS was not asked: ${error instanceof Error ? error.message : String(error)}`] }
  }
}

async function decidedStep({ subject, issuer }: Hint, account: string, iam: IAMClient): Promise<HintStep | null> {
  if (subject === 'saml') {
    const { SAMLProviderList = [] } = await iam.send(new ListSAMLProvidersCommand({}))
    const names = SAMLProviderList.flatMap(({ Arn }) => Arn ?? [])
    return names.length === 0
      ? hintStep(`Create the SAML provider, or use the account that has it: account ${account} has none.`)
      : hintStep(`Compare the provider in the assertion with those of account ${account}: ${names.join(', ')}.`)
  }
  const { OpenIDConnectProviderList = [] } = await iam.send(new ListOpenIDConnectProvidersCommand({}))
  const arns = OpenIDConnectProviderList.flatMap(({ Arn }) => Arn ?? [])
  if (subject === 'no-oidc-provider' && issuer !== null) return missingStep(issuer, arns, account)
  return subject === 'no-oidc-provider' ? null : settingsStep(subject, arns, account, iam)
}

/** The ARN ends with the issuer without its scheme. */
function missingStep(issuer: string, arns: readonly string[], account: string): HintStep {
  const name = issuer.replace(/^https:\/\//, '')
  return arns.some(arn => arn.endsWith(`:oidc-provider/${name}`))
    ? hintStep(
        `Use a role of account ${account}, or create the provider in the account of the role: account ${account} has a provider for ${issuer}, so the role that is asked for is in another account.`,
      )
    : hintStep(
        `Create the provider in account ${account}, if the role is there: it has none for ${issuer}${arns.length === 0 ? '' : `, only ${arns.join(', ')}`}.`,
      )
}

async function settingsStep(
  subject: HintSubject,
  arns: readonly string[],
  account: string,
  iam: IAMClient,
): Promise<HintStep> {
  const shown: string[] = []
  for (const arn of arns.slice(0, MAX_PROVIDERS)) {
    const { ClientIDList = [], ThumbprintList = [] } = await iam.send(
      new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn }),
    )
    shown.push(`${arn}: ${(subject === 'audience' ? ClientIDList : ThumbprintList).join(', ')}`)
  }
  const what = subject === 'audience' ? 'audience' : 'thumbprint'
  return shown.length === 0
    ? hintStep(`Create the provider, or use the account that has it: account ${account} has no OIDC provider.`)
    : hintStep(`Compare the ${what} with what the providers of account ${account} have: ${shown.join('; ')}.`)
}

const MAX_PROVIDERS = 10
