/** Where a lean answer says anything else than the whole one, or leaves out what `named` holds. Nothing else may be left out. */
export function differences(
  whole: unknown,
  lean: unknown,
  named: ReadonlySet<string>,
  path: readonly string[] = [],
): readonly string[] {
  const at = path.join('.')
  if (Array.isArray(whole) && Array.isArray(lean)) {
    if (whole.length !== lean.length) return [`${at} has ${lean.length} parts, not ${whole.length}`]
    return whole.flatMap((part, place) => differences(part, lean[place], named, [...path, String(place)]))
  }
  if (isPlain(whole) && isPlain(lean)) {
    const more = Object.keys(lean).filter(name => !(name in whole))
    return [
      ...more.map(name => `${[...path, name].join('.')} is more than the whole answer has`),
      ...Object.entries(whole).flatMap(([name, value]) => {
        const below = [...path, name]
        if (name in lean) return differences(value, lean[name], named, below)
        return named.has(name) ? [`${below.join('.')} is missing`] : []
      }),
    ]
  }
  return JSON.stringify(whole) === JSON.stringify(lean) ? [] : [`${at} is ${String(lean)}, not ${String(whole)}`]
}

/** `Role.Tags.0.Key` */
export function valueAt(answer: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (value, name) => (Object(value) === value ? (value as { [name: string]: unknown })[name] : undefined),
      answer,
    )
}

function isPlain(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
}
