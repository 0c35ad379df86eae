/** `docs/threat-model.md`: everything on the page comes from the table of attacks and roots, and from where their tests are. */
import { markdownTable } from '../architecture/document.ts'
import type { Root, ThreatSection } from './threat.ts'

export type ThreatModel = {
  readonly sections: readonly ThreatSection[]
  readonly roots: { readonly [id: string]: Root }
  /** By id, the file of the test. */
  readonly tests: ReadonlyMap<string, string>
  /** Rows whose test is shown to fail without the control. */
  readonly controlled: ReadonlySet<string>
}

const HEAD = `# Threat model

Who could misuse rolemedic, what refuses it, and what remains. \`npm run threat-model\` writes this page from the table that the tests run from:
each row is one test with the same id and words, and claims nothing that its test does not show. For an id in bold, \`npm run attacks:controls\`
takes the control out, and the test fails. What is believed, and whom you must trust, is in [trust](trust.md).
`

/** Throws if a row has no test. */
export function threatModelPage({ sections, roots, tests, controlled }: ThreatModel): string {
  const cell = (text: string) => text.replaceAll('|', '\\|')
  const named = (id: string) => (controlled.has(id) ? `**${id}**` : id)
  const testOf = (id: string): string => {
    const file = tests.get(id)
    if (file === undefined) throw new Error(`${id} has no test`)
    return `\`${file.replace(/^test\//, '').replace(/\.test\.ts$/, '')}\``
  }
  const actors = sections.map(section => {
    const byLetter = Map.groupBy(Object.keys(section.threats), ([letter]) => letter)
    const ranges = [...byLetter.values()].map(ids => [...new Set([ids[0], ids.at(-1)])].join('–'))
    return [section.who, section.may, ranges.join(', ')].map(cell)
  })
  const rootRows = Object.entries(roots).map(([id, { who, can, limits, see }]) =>
    [named(id), who, can, limits, see.join(', '), testOf(id)].map(cell),
  )
  const parts = sections.map(({ who, threats }) => {
    const rows = Object.entries(threats).map(([id, { what, refuses, remains }]) =>
      [named(id), what, refuses, testOf(id), remains ?? '—'].map(cell),
    )
    return `### ${who}\n\n${markdownTable([['', 'attack', 'control', 'test', 'what remains'], ...rows])}`
  })
  return [
    HEAD,
    `## Attackers\n\n${markdownTable([['who', 'can', 'rows'], ...actors])}`,
    `## Roots of authority\n\nThese people decide what rolemedic does. Each test shows that they can, and where it ends.\n\n${markdownTable(
      [['', 'who', 'can', 'limits', 'see', 'test'], ...rootRows],
    )}`,
    '## Attacks\n',
    ...parts,
  ].join('\n')
}
