/** A tagged template that escapes every value that is not already HTML. */
export type Html = { readonly html: string }

const ESCAPES: { [character: string]: string } = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, character => ESCAPES[character] ?? '')
export const trusted = (html: string): Html => ({ html })

export function html(
  parts: TemplateStringsArray,
  ...values: readonly (string | number | Html | readonly Html[])[]
): Html {
  const filled = values.map((value, index) => {
    if (typeof value === 'string' || typeof value === 'number') return escapeHtml(String(value)) + parts[index + 1]
    return (('html' in value ? [value] : value) as readonly Html[]).map(piece => piece.html).join('') + parts[index + 1]
  })
  return { html: parts[0] + filled.join('') }
}
