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
const write = 'functions/write/write.ts'
const checks = 'functions/domain/authority/checks/authority.ts'
const deployed = (attack: string, test: string) => ({ attack, test })
const inMemory = (attack: string, test = 'table-writer-in-memory') => ({ attack, test })

const ALL: readonly Control[] = [
  {
    ...inMemory('Q7', 'pull-requests'),
    what: 'the signatures of an order',
    file: 'functions/domain/pull-request/signed-approvals.ts',
    from: 'value.patchDigest === digest',
    to: 'value.patchDigest !== null',
  },
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
    what: 'what was taken away for good is not resumed',
    file: write,
    from: '  if (await records.isClosed(proposalId)) return CLOSED\n  const spent = kept.statement',
    to: '  const spent = kept.statement',
  },
  {
    ...inMemory('T49'),
    what: 'the denial that people signed for is the one that is looked up',
    file: 'functions/verify/look-for-record.ts',
    from: 'spent.fingerprints.some(one => one !== fingerprintOf(denial))',
    to: 'spent.fingerprints.length === 0',
  },
  {
    ...inMemory('T49'),
    what: 'that a record was seen is signed',
    file: 'functions/verify/look-for-record.ts',
    from: '!verified(RECORD_SEEN, signed, keys).ok',
    to: 'verified(RECORD_SEEN, signed, keys) === null',
  },
  {
    ...inMemory('T37'),
    what: 'a take-away covers the whole grant',
    file: write,
    from: 'targets.takeAway(granted.value.writes, ',
    to: 'targets.takeAway(granted.value.writes.slice(0, 1), ',
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
    from: 'if (clock() > lastMs + MAX_APPROVAL_AGE_MS)',
    to: 'if (clock() > lastMs + 1e15 * MAX_APPROVAL_AGE_MS)',
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
    ...inMemory('N1', 'writer'),
    what: 'what was taken away for good is not resumed',
    file: write,
    from: '  if (await records.isClosed(proposalId)) return CLOSED\n  const spent = kept.statement',
    to: '  const spent = kept.statement',
  },
  {
    ...inMemory('N2', 'writer'),
    what: 'a proposal is written once',
    file: write,
    from: '(await run.records.storedSpent(ask.proposalId)).exists ? resume',
    to: 'ask === null ? resume',
  },
  {
    ...inMemory('N4', 'writer'),
    what: 'one version of spent/, and no delete marker',
    file: 'functions/write/records.ts',
    from: 'const whole = versions.length === 1 && statement !== null',
    to: 'const whole = statement !== null',
  },
  {
    ...inMemory('N5', 'writer'),
    what: 'the signature of spent/',
    file: 'functions/write/records.ts',
    from: 'const read = shaped.success ? verified(kind, shaped.data, keys) : null',
    to: 'const read = shaped.success ? { ok: true as const, value: shaped.data.statement } : null',
  },
  {
    ...inMemory('N6', 'writer'),
    what: 'what somebody removed is not written again',
    file: write,
    from: "state: marked ? 'removed' : 'open'",
    to: "state: marked && false ? 'removed' : 'open'",
  },
  {
    ...inMemory('N7', 'writer'),
    what: 'half an hour to go on',
    file: write,
    from: 'own.nowMs >= spent.atMs + FORWARD_FOR_MS',
    to: 'own.nowMs >= spent.atMs + 1e6 * FORWARD_FOR_MS',
  },
  {
    ...inMemory('N8', 'writer'),
    what: 'a rejection, hidden or not',
    file: write,
    from: 'if (await records.isRejected(proposalId))',
    to: 'if (false)',
  },
  {
    ...inMemory('N9', 'writer'),
    what: 'the digest of the deployed configuration',
    file: checks,
    from: 'input.attestation.statement.configDigest === own.configDigest',
    to: 'own.configDigest !== null',
  },
  {
    ...inMemory('V1', 'writer'),
    what: 'the signature of verify',
    file: checks,
    from: 'verified(ATTESTATION, input.attestation, currentKeys(own.keys, own.nowMs)).ok ||',
    to: 'input.attestation !== null ||',
  },
  {
    ...inMemory('V2', 'writer'),
    what: 'one change in documents, decisions and attestation',
    file: checks,
    from: 'return (isOne && denials.size === 1) ||',
    to: 'return isOne || denials.size === 1 ||',
  },
  {
    ...inMemory('V3', 'writer'),
    what: 'the grammar of what can be written',
    file: checks,
    from: "return why === null || no('outside-grammar'",
    to: "return why !== undefined || no('outside-grammar'",
  },
  {
    ...inMemory('V4', 'writer'),
    what: 'no more risk than was seen',
    file: checks,
    from: 'if (RISKS.indexOf(risk) > RISKS.indexOf(seen.risk))',
    to: 'if (RISKS.indexOf(risk) > 9)',
  },
  {
    ...inMemory('V5', 'writer'),
    what: 'nobody approves what they were denied',
    file: checks,
    from: '(isLow || isOld(one)) && !theirs.some(all => all.has(idName(one.by.userId)))',
    to: '(isLow || isOld(one)) && theirs.length >= 0',
  },
  {
    ...inMemory('V6', 'writer'),
    what: 'one person, one vote',
    file: checks,
    from: '...(by.email === null ? [] : [`email ${by.email.toLowerCase()}`])',
    to: '...[]',
  },
  {
    ...inMemory('V7', 'writer'),
    what: 'nothing is dated ahead',
    file: checks,
    from: 'every(({ atMs }) => atMs <= own.nowMs + MAX_SKEW_MS)',
    to: 'every(({ atMs }) => atMs <= own.nowMs + 1e6 * MAX_SKEW_MS)',
  },
  {
    ...inMemory('V8', 'writer'),
    what: 'only what the write removed is ended',
    file: write,
    from: 'if (!whole || statement === null || !isWithdrawn(grantedBy(id, statement.grant), writes)) continue',
    to: 'if (!whole || statement === null) continue',
  },
  {
    ...inMemory('V9', 'writer'),
    what: 'a reason to take away',
    file: write,
    from: "if (no !== null) return end('refused', no)",
    to: "if (no === undefined) return end('refused', CLOSED)",
  },
  {
    ...inMemory('O2', 'writer'),
    what: 'the signature of an outcome',
    file: 'functions/verify/read-ledger.ts',
    from: 'return error === null ? ok(read.data)',
    to: 'return error !== undefined ? ok(read.data)',
  },
  {
    ...inMemory('O3', 'writer'),
    what: 'an outcome is of its number and its proposal',
    file: 'functions/verify/bring-home.ts',
    from: 'if (!read.ok || read.value.statement.proposalId !== proposalId)',
    to: 'if (!read.ok)',
  },
  {
    ...inMemory('O4', 'writer'),
    what: 'what stands is shown, whatever the item says',
    file: 'functions/verify/bring-home.ts',
    from: "      case 'open':\n      case 'rejected':\n      case 'failed':\n      case 'stale':\n",
    to: "      case 'open':\n",
  },
  {
    ...inMemory('N10', 'writer'),
    what: 'a revert names its proposal',
    file: 'functions/domain/authority/checks/take-away.ts',
    from: "if (!isAbout(granted, read.value)) return no('other-change', 'the revert",
    to: "if (read.value.patchDigest !== granted.patchDigest) return no('other-change', 'the revert",
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
    what: 'what was begun is gone on with from spent/, not from the log',
    file: write,
    from: '  if (await records.isClosed(proposalId)) return CLOSED\n  const spent = kept.statement',
    to: '  const spent = kept.statement',
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
    file: 'functions/adapters/slack/chat/membership.ts',
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
