/** Sentences that name a missing permission in other words than AWS's "is not authorized to perform". */

type Permission = { readonly action: string; readonly resource: string | null }

export type NamedPermission = Permission & { readonly at: number; readonly end: number }

type Form = { readonly form: RegExp; readonly read: (match: RegExpExecArray) => Permission }

const named = (prefix: string, name: string, resource: string | null = null): Permission => ({
  action: `${prefix.toLowerCase()}:${name.slice(0, 1).toUpperCase()}${name.slice(1)}`,
  resource,
})

/** A blank of the sentence, where a terminal may have broken it. */
const words = (source: string): RegExp => new RegExp(source.replaceAll(' ', String.raw`\s{1,200}`), 'g')

const FORMS: readonly Form[] = [
  {
    // KMS, Systems Manager, Organizations.
    form: words(
      String.raw`\b(?:(?:don't|doesn't|do not|does not) have|lacks?|is missing|missing) (?:(?:the|any|required|sufficient) ){0,2}(?:(?:IAM )?permissions? )?(?:to (?:call|perform|invoke|use|execute) |for )?(?:(?:the|action) )?["'\`]?(?:([a-z0-9-]{2,40}):|(s3)\.)([A-Za-z]{2,80})\b`,
    ),
    read: ([, prefix, dotted, name = '']) => named(prefix ?? dotted ?? '', name),
  },
  {
    form: words(
      String.raw`\b(?:requires?|needs?|must have|should have) (?:the )?(?:permissions? (?:to|for) (?:(?:call|perform) )?)?["'\`]?([a-z0-9-]{2,40}):([A-Z][A-Za-z]{1,80})["'\`]? (?:permission|action|on)\b`,
    ),
    read: ([, prefix = '', name = '']) => named(prefix, name),
  },
  {
    // Lambda, of what the caller's credentials must read for it.
    form: words(
      String.raw`access has been denied by ([A-Z][A-Za-z0-9]{1,20}), please make sure your request credentials have permission to ([A-Z][A-Za-z]{2,60}) for (\S{1,800}?)\. [A-Z][A-Za-z0-9]{1,20} Error Code`,
    ),
    read: ([, service = '', name = '', resource = '']) => named(service, name, resource),
  },
  {
    // Lambda, of the execution role.
    form: words(
      String.raw`execution role does not have permissions to call ([A-Z][A-Za-z]{2,60}) on ([A-Z][A-Za-z0-9]{1,20})\b`,
    ),
    read: ([, name = '', service = '']) => named(service, name),
  },
  {
    // CloudFormation's older handlers.
    form: /\bAPI: ([a-z0-9-]{2,40}):([A-Za-z]{2,80})\b(?=[^\n]{0,40}?(?:Access Denied|[Nn]ot authorized))(?![^\n]{0,60}(?:User: |for images))/g,
    read: ([, prefix = '', name = '']) => named(prefix, name),
  },
]

/** `most`: of each form. */
export function permissionsIn(text: string, most: number): readonly NamedPermission[] {
  const found: NamedPermission[] = []
  for (const { form, read } of FORMS) {
    form.lastIndex = 0
    let count = 0
    for (let match = form.exec(text); match !== null && count < most; match = form.exec(text), count += 1)
      found.push({ ...read(match), at: match.index, end: match.index + match[0].length })
  }
  return found.toSorted((a, b) => a.at - b.at)
}
