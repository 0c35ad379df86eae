/** The software bill of materials of the bundle in CycloneDX: npm's list, reduced to what the bundle contains. */
import { z } from 'zod'
import type { BundledPackage } from './notices.ts'

/** https://cyclonedx.org/docs/1.5/json/ */
const bill = z.looseObject({
  bomFormat: z.literal('CycloneDX'),
  serialNumber: z.optional(z.string()),
  metadata: z.looseObject({ timestamp: z.optional(z.string()), component: z.looseObject({ 'bom-ref': z.string() }) }),
  components: z.array(z.looseObject({ 'bom-ref': z.string(), name: z.string(), version: z.string() })),
  dependencies: z.array(z.looseObject({ ref: z.string(), dependsOn: z.optional(z.array(z.string())) })),
})

export function softwareBill(
  npmBill: string,
  packages: readonly BundledPackage[],
  { name, version }: { readonly name: string; readonly version: string },
): string {
  // Removes what differs between runs for the same commit.
  const { serialNumber: _, ...whole } = bill.parse(JSON.parse(npmBill))
  const { timestamp: __, component, ...others } = whole.metadata
  // npm names the project after the folder of the checkout.
  const ours = `${name}@${version}`
  const metadata = { ...others, component: { ...component, name, version, 'bom-ref': ours, purl: `pkg:npm/${ours}` } }
  const renamed = (ref: string) => (ref === component['bom-ref'] ? ours : ref)
  const wanted = new Set(packages.map(({ name, version }) => `${name}@${version}`))
  const nameOf = (one: { readonly name: string; readonly version: string; readonly group?: unknown }) =>
    `${typeof one.group === 'string' && one.group !== '' && !one.name.startsWith('@') ? `${one.group}/` : ''}${one.name}@${one.version}`
  const components = whole.components.filter(one => wanted.has(nameOf(one)))
  const missing = [...wanted].filter(name => !components.some(one => nameOf(one) === name))
  if (missing.length > 0) throw new Error(`not in the bill of npm: ${missing.join(', ')}`)
  const refs = new Set([ours, ...components.map(one => one['bom-ref'])])
  const dependencies = whole.dependencies
    .map(one => ({ ...one, ref: renamed(one.ref) }))
    .filter(({ ref }) => refs.has(ref))
    .map(one => ({ ...one, dependsOn: (one.dependsOn ?? []).filter(ref => refs.has(ref)) }))
  return `${JSON.stringify({ ...whole, metadata, components, dependencies }, null, 2)}\n`
}
