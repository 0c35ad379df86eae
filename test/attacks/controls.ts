/** Removes one control at a time from a copy of the source, and runs the test of the attack that the control stops, which must fail. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

type Control = {
  readonly attack: string
  readonly test: string
  readonly what: string
  readonly file: string
  /** Occurs once in the file. */
  readonly from: string
  readonly to: string
}

const grant = 'functions/domain/proposal/grant.ts'
const deployed = (attack: string, test: string) => ({ attack, test })
const inMemory = (attack: string, test = 'table-writer-in-memory') => ({ attack, test })

const ALL: readonly Control[] = [
  {
    ...deployed('T9', 'table-writer'),
    what: 'the signature of a decision',
    file: 'functions/domain/authority/decision.ts',
    from: "return isSigned(decisionBytes(decision), signature, keys, 'decisions')",
    to: "return isSigned(decisionBytes(decision), signature, keys, 'decisions') || true",
  },
  {
    ...deployed('T17', 'table-writer'),
    what: 'the digest of the patch in the decision',
    file: grant,
    from: 'if (digest !== patch.digest) return',
    to: 'if (digest === null) return',
  },
  {
    ...deployed('T40', 'table-writer'),
    what: 'the audit log says what is over',
    file: 'functions/verify/history.ts',
    from: 'if (later !== undefined)',
    to: 'if (later === null)',
  },
  {
    ...inMemory('T37'),
    what: 'a revert covers the whole grant',
    file: grant,
    from: 'const key = canonicalJson(target)',
    to: 'const key = canonicalJson(target)\n    if (!stored.has(key)) continue',
  },
  {
    ...inMemory('T39'),
    what: 'a decision names its proposal',
    file: grant,
    from: 'if (proposalId !== id) return',
    to: 'if (proposalId === null) return',
  },
  {
    ...inMemory('T42'),
    what: 'the age of an approval',
    file: 'functions/verify/verify.ts',
    from: 'if (deps.clock() > lastMs + MAX_APPROVAL_AGE_MS)',
    to: 'if (deps.clock() > lastMs + 1e15 * MAX_APPROVAL_AGE_MS)',
  },
  {
    ...inMemory('T43'),
    what: 'approvers are counted again',
    file: grant,
    from: 'if (isQuorate(counted, most)) return null',
    to: 'if (isQuorate(counted, most) || true) return null',
  },
  {
    ...inMemory('T44'),
    what: 'the time of an approval at the last one',
    file: 'functions/domain/proposal/approval-policy.ts',
    from: 'notOver(approvals, Math.max(0, ...approvals.map(({ atMs }) => atMs)))',
    to: 'approvals',
  },
  {
    ...inMemory('M4', 'modes'),
    what: 'the mode of the account, before a write',
    file: 'functions/domain/proposal/approval-policy.ts',
    from: "if (mode === 'approve') return null",
    to: 'if (mode !== null) return null',
  },
  {
    ...inMemory('A7', 'audit'),
    what: 'the search of the log ends at signed records',
    file: 'functions/verify/history.ts',
    from: ' && isSignedRecord(record, keys)) break',
    to: ') break',
  },
  {
    ...inMemory('P1', 'laptop'),
    what: 'the mode of a key file',
    file: 'simulator/key-files.ts',
    from: '& 0o077) !== 0',
    to: '& 0o000) !== 0',
  },
  {
    ...deployed('S2', 'senders'),
    what: 'the signature of a request',
    file: 'functions/adapters/slack/endpoint/verify-request.ts',
    from: 'matches.includes(true)',
    to: 'matches.length > 0',
  },
  {
    ...deployed('S9', 'senders'),
    what: 'a press counts from the card alone',
    file: 'functions/decide/decide.ts',
    from: 'if (!(await isFromCard(request, found.value, deps)))',
    to: 'if (!(await isFromCard(request, found.value, deps)) && false)',
  },
  {
    ...deployed('S10', 'senders'),
    what: 'guests decide nothing',
    file: 'functions/domain/authority/workspace.ts',
    from: 'return account.isGuest ?',
    to: 'return account === null ?',
  },
  {
    ...deployed('S18', 'senders'),
    what: 'two approvers for an unnamed person',
    file: 'functions/domain/proposal/approval-policy.ts',
    from: "requester.kind === 'unknown' ? 2 : 1",
    to: '1',
  },
  {
    ...deployed('S22', 'senders'),
    what: 'a source identity that a trust policy sets',
    file: 'functions/domain/authority/entrances.ts',
    from: 'if (entrance.pin === null) return false',
    to: 'if (entrance.pin === null) return true',
  },
]

/** The controls in the arguments, or all of them. */
const wanted = process.argv.slice(2)
const CONTROLS = ALL.filter(({ attack }) => wanted.length === 0 || wanted.includes(attack))

const root = resolve(import.meta.dirname, '../..')
const SOURCES = [
  ...['core', 'iac', 'functions', 'infra', 'cli', 'simulator', 'tools', 'packaging', 'test', 'events', 'docs'],
  ...['schemas', 'package.json', 'tsconfig.json'],
]

/** True when the test of the attack passes. */
function passes(copy: string, { test, attack }: Control): boolean {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const args = [vitest, 'run', `test/attacks/${test}.test.ts`, '-t', `\\b${attack}:`]
  const { status, stdout } = spawnSync(process.execPath, args, { cwd: copy, encoding: 'utf8' })
  // A file that does not load fails too, but proves nothing.
  if (!/Tests .*\b1 (passed|failed)/.test(stdout.replaceAll('\u001b', '').replaceAll(/\[\d+m/g, '')))
    throw new Error(`${attack} was not run: ${stdout.slice(-2_000)}`)
  return status === 0
}

const copy = mkdtempSync(join(tmpdir(), 'rolemedic-controls-'))
let failed = 0
try {
  for (const name of [...SOURCES, 'vitest.config.ts', 'rolemedic.config.json', 'rolemedic.deploy.json'])
    cpSync(join(root, name), join(copy, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  console.info('| attack | control taken out | its test |\n| --- | --- | --- |')
  for (const control of CONTROLS) {
    const file = join(copy, control.file)
    const source = readFileSync(file, 'utf8')
    if (source.split(control.from).length !== 2) throw new Error(`${control.file} does not have once: ${control.from}`)
    writeFileSync(
      file,
      source.replace(control.from, () => control.to),
    )
    const isBlind = passes(copy, control)
    writeFileSync(file, source)
    if (isBlind) failed += 1
    console.info(`| ${control.attack} | ${control.what} | ${isBlind ? 'PASSES: it does not see it' : 'fails'} |`)
  }
} finally {
  rmSync(copy, { recursive: true, force: true })
}
if (failed > 0) process.exitCode = 1
