/** The file in which a client of the SDK describes all operations and errors of its service, cut down to what is used. */

/** `asked`: every word of the code that uses the client, and so whatever it could give, read or ask for by name. */
export function leanSchemas(source: string, asked: ReadonlySet<string>): string {
  const constants = constantsOf(source)
  return literalKeys(withoutMembers(withoutErrors(source, asked), constants, asked), constants)
}

type Constants = ReadonlyMap<string, string>

function constantsOf(source: string): Constants {
  const lines = source.matchAll(/^const (\w+) = ("(?:[^"\\\n]|\\.)*");$/gm)
  return new Map([...lines].map(([, name = '', text = '']) => [name, text]))
}

/**
 * The descriptions have keys such as `[_hH]` for constants of the same file. To esbuild a computed key may do anything, so
 * it keeps them all; a literal one lets it drop what no command uses.
 */
function literalKeys(source: string, constants: Constants): string {
  return source.replace(/\[(\w+)\]:/g, (key, name: string) => {
    const text = constants.get(name)
    return text === undefined ? key : `${text}:`
  })
}

/**
 * Each error of the service is registered with a class of its own, hundreds in all. One that is not registered becomes the
 * service's base exception with the name that AWS sent, so only those have to stay that somebody asks for by name.
 */
function withoutErrors(source: string, asked: ReadonlySet<string>): string {
  return source.replace(/^n\d+_registry\.registerError\(\w+\$, (\w+)\);$/gm, (line, name: string) =>
    asked.has(name) ? line : '',
  )
}

/** A structure: its namespace, its name, its traits, the names of its members, their types, and how many are required. */
const STRUCTURE =
  /^(export var \w+\$ = \[3, n\d+, \w+,\n {4}\S+,\n {4})\[(\w+(?:, \w+)*)\],\n {4}\[(.*)\](?:, (\d+))?\n\];$/gm

/** A member that nobody names is neither sent nor read. Those that are required, or stand for more than a value, stay. */
function withoutMembers(source: string, constants: Constants, asked: ReadonlySet<string>): string {
  return source.replace(STRUCTURE, (whole, head: string, names: string, types: string, required = '0') => {
    const name = names.split(', ')
    const type = atTopLevel(types)
    if (name.length !== type.length)
      throw new Error(`the members of a structure are not understood: ${whole.slice(0, 80)}`)
    const stays = name.map((constant, place) => {
      const member = JSON.parse(constants.get(constant) ?? '""')
      return place < Number(required) || asked.has(member) || /^\[.*, [1-9]\d*\]$/.test(type[place] ?? '')
    })
    const kept = (list: readonly string[]) => `[${list.filter((_, place) => stays[place]).join(', ')}]`
    return `${head}${kept(name)},\n    ${kept(type)}${required === '0' ? '' : `, ${required}`}\n];`
  })
}

/** The parts of a list that stand between its own commas, not those of lists and objects within. */
function atTopLevel(list: string): readonly string[] {
  const parts: string[] = []
  let depth = 0
  let from = 0
  for (const [place, letter] of [...list].entries()) {
    if ('[{('.includes(letter)) depth += 1
    if (']})'.includes(letter)) depth -= 1
    if (letter === ',' && depth === 0) {
      parts.push(list.slice(from, place).trim())
      from = place + 1
    }
  }
  return [...parts, list.slice(from).trim()]
}
