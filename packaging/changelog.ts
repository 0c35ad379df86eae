/** The part of the changelog about one version: the text of a release. https://keepachangelog.com/en/1.1.0/ */

/** `isDraft`: uses the unreleased changes for this version. */
export function changesOf(changelog: string, version: string, isDraft: boolean): string {
  const parts = changelog.split(/^## /m).slice(1)
  const part =
    parts.find(one => one.startsWith(`[${version}]`)) ??
    (isDraft ? parts.find(one => one.startsWith('[Unreleased]')) : undefined)
  if (part === undefined) throw new Error(`CHANGELOG.md has no section [${version}]`)
  const [title = '', ...lines] = part.split('\n')
  const text = lines
    .join('\n')
    .replace(/^\[[^\]]+\]: .*$/gm, '')
    .trim()
  if (!/^- /m.test(text)) throw new Error(`the section ${title} of CHANGELOG.md lists no change`)
  return `## ${title}\n\n${text}\n`
}
