/** The manifest of the Slack app, with what is known of its address. */
import { readFile } from 'node:fs/promises'
import { serviceEndpoint } from '../../../functions/adapters/aws/clients/index.ts'

const MANIFEST = new URL('../../../docs/slack-app-manifest.yaml', import.meta.url)
/** As it is in the file, before the deployment gives it a name. */
const ADDRESS = /https:\/\/REPLACE-ME\.execute-api\.REGION\.amazonaws\.com\/slack/g

/** `url`: what the deployment printed as SlackUrl; null: only the Region is known. */
export async function slackManifest({ region, url }: { readonly region: string; readonly url: string | null }) {
  const text = await readFile(MANIFEST, 'utf8')
  const address = url ?? `${serviceEndpoint('REPLACE-ME.execute-api', region)}/slack`
  return text.replace(ADDRESS, () => address)
}
