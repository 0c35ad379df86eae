/** A caller could not become a role before anything was denied, or a refusal is cut off: what the text means, and what to do. */
import type { descriptorOf } from '../../actions/index.ts'

type CallerKind = ReturnType<typeof descriptorOf>['caller']

export const HINT_SUBJECTS = [
  'no-oidc-provider',
  'audience',
  'provider-certificate',
  'provider-unreachable',
  'id-token-permission',
  'expired-token',
  'sso-session-expired',
  'saml',
  'pod-identity',
  'web-identity-token',
  'roles-anywhere',
  'identity-center',
  'mfa',
  'no-credentials',
  'invalid-credentials',
  'other-account',
  'session-duration',
  'sts-region',
  'sts-request',
  'cognito-identity-pool',
  'external-id',
  'service-cannot-assume',
  'service-linked-role',
  'encoded-message-cut',
  'other',
] as const

export type HintSubject = (typeof HINT_SUBJECTS)[number]

/** `who`: who can do it; null for the person who reads. */
export type HintStep = { readonly do: string; readonly command: string | null; readonly who: string | null }

export type Hint = {
  readonly subject: HintSubject
  /** The line of the text where the sentence starts; the first line is 1. */
  readonly line: number
  readonly meaning: string
  readonly next: readonly HintStep[]
  /** The issuer of the token, if the sentence names it as an `https` address. */
  readonly issuer: string | null
  /** A denial of such a caller may be the result of this: only beside one is the hint shown. Null: beside none. */
  readonly explains: CallerKind | null
}

/** The named groups of the form that were found, bounded and without quotes. */
export type HintNames = { readonly [group: string]: string | undefined }

/** One sentence of AWS, an SDK or a tool. */
export type HintForm = {
  readonly subject: HintSubject
  /** Literal text that every match contains. The cheap filter. */
  readonly word: string
  /** Tested on one line around the word, with single spaces. */
  readonly form: RegExp
  /** Words nearby that show that the sentence is about something else. */
  readonly unless?: RegExp
  readonly explains?: CallerKind
  readonly meaning: string | ((names: HintNames) => string)
  readonly next: readonly HintStep[] | ((names: HintNames) => readonly HintStep[])
  /** A public text with the sentence, and its address. */
  readonly example: { readonly text: string; readonly source: string }
}

export const hintStep = (what: string, command: string | null = null, who: string | null = null): HintStep => ({
  do: what,
  command,
  who,
})

/** The role's name is a group only where it is whole: a cut, a masked or another name of a chain goes into no command. */
export const NAMED_ROLE =
  'arn:aws[a-z-]{0,12}:iam::[^:\\s]{0,40}:role\\/(?:[\\w+=,.@/-]{0,512}\\/)?(?:(?<role>[\\w+=,.@][\\w+=,.@-]{0,63}?)(?<![.-]|xxx|XXX)(?=[.,;:]?(?:[\\s"\'`)\\]\\\\]|$)))?'

/** Its name, or a placeholder. */
export const roleInCommand = ({ role = 'ROLE' }: HintNames): string => role
