/** Whether an ARN has the form that AWS publishes for a resource type. */
import { perText } from '../base/index.ts'
import { type Arn, accountIdIn, parseArn, partitionOfRegion } from '../iam/index.ts'
import type { TypeForms } from '../service-actions/index.ts'

const MAX_ARN_CHARS = 1_024
const PARTITION = /^aws(?:-cn|-us-gov|-eusc|-iso(?:-[a-z])?)?$/
const REGION = /^[a-z]{2,4}(?:-[a-z]{2,12}){1,2}-\d{1,2}$/
/** What a policy element holds without a meaning of its own: no wildcard, no variable, no quote, no blank. */
const PLAIN = /^[A-Za-z0-9_+=,.@:/#%~-]+$/
const MASKED = /x{4}|\*{2}|redacted|masked|\.\.\.|…/i
/** AWS-owned resources, such as its managed policies. */
const AWS_OWNED = 'aws'

/** Why a text from outside is no exact ARN. Null: it is one. */
export function whyNoExactArn(text: string): string | null {
  if (text.length > MAX_ARN_CHARS) return 'the resource is too long for an ARN'
  if (MASKED.test(text)) return 'the resource is masked or cut'
  if (/[*?]/.test(text)) return 'the resource holds a wildcard'
  if (!PLAIN.test(text)) return 'the resource holds characters that no ARN of a policy needs'
  if (/[:/.,=-]$/.test(text)) return 'the end of the resource is missing'
  const arn = parseArn(text)
  if (arn === null || !PARTITION.test(arn.partition)) return 'the resource is not an ARN'
  if (arn.region !== '' && !(REGION.test(arn.region) && partitionOfRegion(arn.region) === arn.partition))
    return 'the ARN names no Region of its partition'
  if (arn.accountId !== '' && arn.accountId !== AWS_OWNED && accountIdIn(arn.accountId) === null)
    return 'the ARN names no account'
  return null
}

/**
 * The forms that fit an exact ARN best: an object in a bucket also looks like a bucket with a longer name. AWS publishes no
 * characters for variables: here none holds a colon, and only the last one may hold what follows it elsewhere.
 */
export function formsOfArn(text: string, types: readonly TypeForms[]): readonly string[] {
  const arn = parseArn(text)
  if (arn === null) return []
  const fitting = [...new Set(types.flat())].filter(form => hasForm(arn, form))
  const most = Math.max(...fitting.map(fixedChars))
  return fitting.filter(form => fixedChars(form) === most)
}

const fixedChars = (form: string): number => form.replaceAll(/[$*]/g, '').length

type FormParts = {
  readonly service: string
  readonly region: string
  readonly account: string
  readonly resource: string
  readonly pattern: RegExp
}

const partsOf: (form: string) => FormParts = perText(form => {
  const [, , service = '', region = '', account = '', ...rest] = form.split(':')
  const resource = rest.join(':')
  return { service, region, account, resource, pattern: resourcePattern(resource) }
})

function hasForm(arn: Arn, form: string): boolean {
  const { service, region, account, pattern } = partsOf(form)
  return (
    (isVariable(service) || service === arn.service) &&
    isField(region, arn.region) &&
    isField(account, arn.accountId) &&
    pattern.test(arn.resource)
  )
}

/** `*` in a form may also be empty: devices of Braket have no account. */
const isField = (part: string, value: string): boolean => part === '*' || (part === '$' ? value !== '' : part === value)

/** Some forms hold `*` in place of a variable. */
const isVariable = (part: string): boolean => part === '$' || part === '*'

function resourcePattern(resource: string): RegExp {
  const parts = resource.split(/[$*]/)
  const source = parts.map((part, index) => {
    const literal = part.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
    if (index === parts.length - 1) return literal
    const next = parts[index + 1]?.charAt(0) ?? ''
    return `${literal}${next === '' || next === ':' ? '[^:]+' : `[^:\\${next}]+`}`
  })
  return new RegExp(`^${source.join('')}$`)
}

/** The only ARN of this form with this name. Null: the form has more variables, or the place does not say enough. */
export function arnOfName(form: string, name: string, { partition, region, accountId }: ArnPlace): string | null {
  const { service, region: formRegion, account: formAccount, resource } = partsOf(form)
  if (partition === null || isVariable(service) || resource.split(/[$*]/).length !== 2) return null
  const filled = (part: string, known: string | null) => (isVariable(part) ? known : part)
  const [regionOf, accountOf] = [filled(formRegion, region), filled(formAccount, accountId)]
  if (regionOf === null || accountOf === null) return null
  return `arn:${partition}:${service}:${regionOf}:${accountOf}:${resource.replace(/[$*]/, () => name)}`
}

export type ArnPlace = {
  readonly partition: string | null
  readonly region: string | null
  readonly accountId: string | null
}

/** `arn:…:s3:::…/…` for a sentence. */
export const shownForm = (form: string): string => form.replaceAll('$', '…')
