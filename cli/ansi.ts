/** Colors for a terminal, otherwise plain text. */
export type AnsiStyles = { readonly [style in keyof typeof CODES]: (text: string) => string }

const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const

export function ansiStyles(colour: boolean): AnsiStyles {
  const styles = Object.entries(CODES).map(([style, code]) => [
    style,
    (text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text),
  ])
  return Object.fromEntries(styles) as AnsiStyles
}
