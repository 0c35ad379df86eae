import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

/** Runs the scripts of docs/ci.md unchanged with the real command line; only the two network clients are fakes. */
const root = resolve(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/ci.md'), 'utf8')
const ROLE = 'arn:aws:iam::111122223333:role/app/orders-task'
const STAMP = '2026-11-24T02:47:31.1234567Z '
const LOG = [
  `${STAMP}password = hunter2`,
  `${STAMP}\u001b[31m│\u001b[0m Error: api error AccessDeniedException: User: arn:aws:sts::111122223333:assumed-role/pipeline-deploy/jane@example.com is not`,
  `${STAMP}\u001b[31m│\u001b[0m authorized to perform: iam:PassRole on resource: ${ROLE} because no identity-based policy allows the iam:PassRole action`,
].join('\n')

/** The block of lines after `start`, as the runner receives it. */
function script(section: string, start: string): string {
  const yaml = page.slice(page.indexOf(`\n## ${section}\n`))
  const lines = yaml.slice(yaml.indexOf(start) + start.length).split('\n')
  const at = lines.findIndex(line => /^\s*(?:run:|-) \|$/.test(line)) + 1
  const indent = /^ */.exec(lines[at] ?? '')?.[0] ?? ''
  const end = lines.findIndex((line, index) => index > at && line !== '' && !line.startsWith(indent))
  return lines
    .slice(at, end)
    .map(line => line.slice(indent.length))
    .join('\n')
}

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rolemedic-ci-'))
  symlinkSync(root, join(folder, '.rolemedic'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const path = (name: string) => join(folder, name)
const read = (name: string) => (existsSync(path(name)) ? readFileSync(path(name), 'utf8') : null)

/** A fake program that records its arguments and standard input, and prints what `answer` prints. */
function standIn(name: string, answer: string): void {
  const lines = [
    '#!/bin/sh',
    `printf '%s\\n' "$*" >> ${path('arguments')}`,
    `[ -t 0 ] || cat >> ${path('input')}`,
    answer,
  ]
  writeFileSync(path(name), lines.join('\n'))
  chmodSync(path(name), 0o755)
}

function run(shell: readonly [string, ...string[]], text: string, env: { readonly [name: string]: string }) {
  writeFileSync(path('script.sh'), text)
  const [program, ...options] = shell
  const PATH = [folder, dirname(process.execPath), process.env['PATH']].join(':')
  const { status, stdout, stderr } = spawnSync(program, [...options, path('script.sh')], {
    cwd: folder,
    encoding: 'utf8',
    input: '',
    env: { PATH, ...env },
  })
  return { status, stdout, stderr }
}

const ACCOUNT = `--account ${join(root, 'events/accounts/orders-dev.json')}`

function expectComment(text: string | null): void {
  expect(text).toContain('<!-- rolemedic -->')
  expect(text).toContain(`#### \`iam:PassRole\` on \`${ROLE}\``)
  expect(text).toContain('`identity-gap`')
  for (const secret of ['hunter2', 'jane', '\u001b']) expect(text).not.toContain(secret)
}

describe('the snippet for GitHub Actions', () => {
  const explain = (log: string | null, access = ACCOUNT) => {
    if (log !== null) writeFileSync(path('step.log'), log)
    const env = {
      READ: access,
      RUNNER_TEMP: folder,
      GITHUB_STEP_SUMMARY: path('summary'),
      GITHUB_OUTPUT: path('output'),
    }
    return run(['bash', '-e'], script('GitHub Actions', '- name: Explain\n'), env)
  }

  it('passes the comment of a failed step to the next job and prints only the lines in its own log', () => {
    expect(explain(LOG)).toEqual({ status: 0, stdout: '', stderr: 'rolemedic: 1 denial: line 2\n' })
    const [, end, comment] = /^comment<<(end-[0-9a-f]{32})\n([\s\S]*)\n\1\n$/.exec(read('output') ?? '') ?? []
    expect(end).toBeDefined()
    expectComment(comment ?? null)
    expect(read('summary')).toBe(`${comment}\n`)
  })

  it.each([
    ['a log without a denial of ours', 'Error: no such bucket\n'],
    ['an empty log', ''],
    ['no log, as the step never ran', null],
  ])('creates no comment for %s', (_, log) => {
    expect(explain(log)).toMatchObject({ status: 0 })
    expect(read('output')).toBeNull()
  })

  it('fails if the policies cannot be read', () => {
    expect(explain(LOG, '--account /no/such/file').status).not.toBe(0)
    expect(read('output')).toBeNull()
  })

  it.each([
    ['writes a comment', '', '--silent --method POST repos/o/r/issues/7/comments'],
    ['updates its own comment', '41\n42', '--silent --method PATCH repos/o/r/issues/comments/42'],
  ])('%s', (_, ids, call) => {
    standIn('gh', `case "$*" in *--jq*) printf '${ids}' ;; esac`)
    const env = {
      ISSUES: 'repos/o/r/issues',
      PULL: '7',
      RUN: 'https://github.example/run',
      COMMENT: 'Said.',
      RUNNER_TEMP: folder,
    }
    expect(run(['bash', '-e'], script('GitHub Actions', '- name: Comment\n'), env).status).toBe(0)
    expect(read('arguments')?.trimEnd().split('\n').at(-1)).toBe(`api ${call} -F body=@${path('comment.md')}`)
    expect(read('comment.md')).toBe('Said.\n\n[The run that failed](https://github.example/run)\n')
  })

  it('can write to pull requests in one job and read code in the other; every action is pinned to a commit', () => {
    const yaml = page.slice(page.indexOf('\n## GitHub Actions\n'), page.indexOf('\n## GitLab CI\n'))
    expect(yaml).toContain('\npermissions: {}\n')
    expect([...yaml.matchAll(/^\s+([a-z-]+): (?:write|read)$/gm)].map(([line]) => line.trim())).toEqual([
      'contents: read',
      'id-token: write',
      'pull-requests: write',
    ])
    const uses = [...yaml.matchAll(/uses: (\S+)/g)].map(([, action]) => action)
    expect(uses).toHaveLength(5)
    for (const action of uses) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/)
    for (const name of ['Explain', 'Comment', 'Apply'])
      expect(script('GitHub Actions', `- name: ${name}\n`)).not.toContain('${{')
  })
})

describe('the snippet for GitLab CI', () => {
  const env = {
    READ: ACCOUNT,
    AWS_ID_TOKEN: 'id-token',
    ROLEMEDIC_COMMENT_TOKEN: 'gl-secret',
    CI_API_V4_URL: 'https://gitlab.example/api/v4',
    CI_MERGE_REQUEST_PROJECT_ID: '5',
    CI_MERGE_REQUEST_IID: '7',
    CI_PIPELINE_URL: 'https://gitlab.example/pipeline',
  }
  const NOTES = 'https://gitlab.example/api/v4/projects/5/merge_requests/7/notes'
  const explain = (log: string) => {
    writeFileSync(path('step.log'), log)
    return run(['sh', '-e'], script('GitLab CI', '\nexplain:\n'), env)
  }
  const calls = () =>
    read('arguments')
      ?.trimEnd()
      .split('\n')
      .map(line => line.split(' ').slice(5).join(' '))
  const WRITE = '--output /dev/null --request'

  it.each([
    ['writes a note', '[{"id":1,"body":"looks good"}]', `${WRITE} POST ${NOTES}`],
    ['updates its note', '[{"id":1,"body":"a"},{"id":9,"body":"<!-- rolemedic -->"}]', `${WRITE} PUT ${NOTES}/9`],
  ])('%s, with the token on standard input alone', (_, notes, call) => {
    standIn('curl', `case "$*" in *per_page*) echo '${notes}' ;; esac`)
    expect(explain(LOG)).toEqual({ status: 0, stdout: '', stderr: 'rolemedic: 1 denial: line 2\n' })
    expect(read('arguments')).toMatch(/^--config - --silent --show-error --fail https:/)
    expect(calls()).toEqual([`${NOTES}?per_page=100`, `${call} --data-urlencode body@comment.md`])
    expect(read('arguments')).not.toContain('gl-secret')
    expect(read('input')).toBe('header = "PRIVATE-TOKEN: gl-secret"\n'.repeat(2))
    expectComment(read('comment.md'))
  })

  it('writes a new note if the existing one is by another author', () => {
    standIn('curl', `case "$*" in *per_page*) echo '[{"id":9,"body":"<!-- rolemedic -->"}]' ;; *PUT*) exit 22 ;; esac`)
    expect(explain(LOG).status).toBe(0)
    expect(calls()?.at(-1)).toBe(`${WRITE} POST ${NOTES} --data-urlencode body@comment.md`)
  })

  it('writes nothing for a log without a denial of ours', () => {
    standIn('curl', 'exit 1')
    expect(explain('Error: no such bucket\n').status).toBe(0)
    expect(read('arguments')).toBeNull()
  })

  it('keeps the exit code of the logged step', () => {
    standIn('terraform', 'echo applying; exit 3')
    expect(run(['sh', '-e'], script('GitLab CI', '\ndeploy:\n'), {})).toEqual({
      status: 3,
      stdout: 'applying\n',
      stderr: '',
    })
    expect(read('step.log')).toBe('applying\n')
  })
})
