/**
 * What a CDK app grants to a role or user, as far as it is certain without running it: statements written as literals in the
 * block that makes the role, which is a constructor or the file itself. A branch, a loop or another method proves nothing.
 */
import type { Target } from '../../../core/patch/index.ts'
import { type CodeStatement, type CodeStatements, NO_STATEMENTS, unseenDocument } from '../present/granted-already.ts'
import { descendants, fieldOf, type SyntaxNode, syntaxText } from '../syntax-node.ts'
import { callArguments, entriesOf, type KnownValue, literalValue } from './code-values.ts'
import type { FoundRole } from './find-role.ts'
import { iamImport } from './iam-import.ts'
import { type CdkSource, type ConstructCall, snakeCase } from './made.ts'
import { principalValue, statementValue } from './statement-code.ts'

export function constructStatements(source: CdkSource, role: FoundRole, target: Target): CodeStatements {
  const { made } = role
  // A Deny may be in any file and affect the role through any construct.
  for (const [file, { text }] of source.files)
    if (/\bDENY\b|["'`]Deny["'`]/.test(text)) return { certain: [], possible: [unseenDocument(file)] }
  if (!isRunOnce(made)) return NO_STATEMENTS
  const found = new Reader(source, role, target).found()
  return { certain: found.map(plain => ({ plain, where: `${role.address} (${made.file})` })), possible: [] }
}

/** True for a constructor, or the file itself, without an early return. */
function isRunOnce({ root, place: { block }, text }: ConstructCall): boolean {
  for (const node of descendants(block))
    if (['return_statement', 'throw_statement', 'raise_statement'].includes(node.type)) return false
  if (block === root) return true
  for (const node of descendants(root)) {
    if (fieldOf(node, 'body') !== block) continue
    const name = syntaxText(fieldOf(node, 'name'), text)
    return (
      (node.type === 'method_definition' && name === 'constructor') ||
      (node.type === 'function_definition' && name === '__init__')
    )
  }
  return false
}

class Reader {
  readonly source: CdkSource
  readonly role: FoundRole
  readonly target: Target
  readonly text: string
  readonly isPython: boolean
  readonly nameOf: (member: string) => string

  constructor(source: CdkSource, role: FoundRole, target: Target) {
    this.source = source
    this.role = role
    this.target = target
    this.text = role.made.text
    this.isPython = source.language === 'python'
    const { nameOf } = iamImport(role.made.root, this.text, source.language)
    // A placeholder that no source contains.
    this.nameOf = member => nameOf(member) ?? `(${member})`
  }

  found(): readonly CodeStatement['plain'][] {
    const { made, isRole } = this.role
    const calls = this.callsInBlock()
    if (this.target.kind === 'role-trust-policy')
      return isRole ? [...this.assumedBy(), ...this.added(calls, this.trustCallees())] : []
    const policies = this.policiesOf(calls)
    return [
      ...(isRole ? this.inlinePolicies() : []),
      ...this.added(calls, this.grantCallees()),
      ...policies.flatMap(policy => this.documentOf(policy, calls)),
      ...this.madeInPlace(calls),
      ...this.granted(calls),
      ...this.ofLevel1(made),
    ]
  }

  word(name: string): string {
    return this.isPython ? snakeCase(name) : name
  }

  /** Calls that are statements of the block, not parts of expressions. */
  callsInBlock(): readonly SyntaxNode[] {
    return this.role.made.place.block.children
      .filter(({ type }) => type === 'expression_statement')
      .flatMap(({ children }) => children.filter(({ type }) => type === 'call_expression' || type === 'call'))
  }

  calleeOf(call: SyntaxNode): string {
    return syntaxText(fieldOf(call, 'function'), this.text)
  }

  grantCallees(): readonly string[] {
    const { made, grant, isRole } = this.role
    if (made.holder === null) return []
    const methods = isRole ? [grant, 'addToPrincipalPolicy'] : [grant]
    return methods.map(method => `${made.holder}.${this.word(method)}`)
  }

  trustCallees(): readonly string[] {
    const { holder } = this.role.made
    const [policy, add] = [this.word('assumeRolePolicy'), this.word('addStatements')]
    return holder === null ? [] : ['?.', '!.', '.'].map(dot => `${holder}.${policy}${dot}${add}`)
  }

  added(calls: readonly SyntaxNode[], callees: readonly string[]): readonly unknown[] {
    return calls
      .filter(call => callees.includes(this.calleeOf(call)))
      .flatMap(call => callArguments(call).flatMap(one => this.statement(one)))
  }

  /** Empty: the statement is known only when the code runs. */
  statement(node: SyntaxNode): readonly unknown[] {
    const { language } = this.source
    const known = statementValue(node, this.text, { language, nameOf: this.nameOf })
    return known === null ? [] : [known]
  }

  statementsIn(list: SyntaxNode | null | undefined): readonly unknown[] {
    return list?.type === 'array' || list?.type === 'list' ? list.children.flatMap(one => this.statement(one)) : []
  }

  inlinePolicies(): readonly unknown[] {
    const policies = this.role.made.place.props.get('inlinePolicies')
    const entries = policies === undefined ? null : entriesOf(policies, this.text)
    return [...(entries?.values() ?? [])].flatMap(one => {
      const callee = syntaxText(fieldOf(one, this.isPython ? 'function' : 'constructor'), this.text)
      return callee === this.nameOf('PolicyDocument') ? this.statementsIn(this.propOf(one, 'statements')) : []
    })
  }

  propOf(call: SyntaxNode, name: string): SyntaxNode | null {
    const given = callArguments(call)
    if (this.isPython) {
      const named = given.find(one => syntaxText(fieldOf(one, 'name'), this.text) === snakeCase(name))
      return fieldOf(named, 'value')
    }
    const props = given.at(-1)
    return props?.type === 'object' ? (entriesOf(props, this.text)?.get(name) ?? null) : null
  }

  assumedBy(): readonly unknown[] {
    const node = this.role.made.place.props.get('assumedBy')
    const principal: KnownValue | undefined =
      node === undefined
        ? undefined
        : principalValue(node, this.text, { language: this.source.language, nameOf: this.nameOf })
    return principal === undefined ? [] : [{ Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole' }]
  }

  /** `iam.Policy` and `iam.ManagedPolicy` constructs that this block makes and attaches. */
  policiesOf(calls: readonly SyntaxNode[]): readonly ConstructCall[] {
    const { made } = this.role
    const { holder } = made
    const attached = new Set<string>()
    const attaching = this.attaching().map(method => `${holder}.${method}`)
    for (const call of calls) {
      const [first] = callArguments(call)
      const callee = this.calleeOf(call)
      const argument = syntaxText(first, this.text)
      if (holder !== null && attaching.includes(callee)) attached.add(argument)
      const to = ['attachToRole', 'attachToUser']
        .map(method => `.${this.word(method)}`)
        .find(one => callee.endsWith(one))
      if (holder !== null && to !== undefined && argument === holder) attached.add(callee.slice(0, -to.length))
    }
    for (const name of this.namesIn(made.place.props.get('managedPolicies'))) attached.add(name)
    const property = this.target.kind === 'user-inline-policy' ? 'users' : 'roles'
    return this.inSameBlock().filter(
      one =>
        [this.nameOf('Policy'), this.nameOf('ManagedPolicy')].includes(one.callee) &&
        ((one.holder !== null && attached.has(one.holder)) ||
          (holder !== null && this.namesIn(one.place.props.get(property)).includes(holder))),
    )
  }

  /** `role.attachInlinePolicy(new iam.Policy(…))`, and inline constructs in `managedPolicies`. */
  madeInPlace(calls: readonly SyntaxNode[]): readonly unknown[] {
    const { holder, place } = this.role.made
    const callees = this.attaching().map(method => `${holder}.${method}`)
    const given = calls
      .filter(call => callees.includes(this.calleeOf(call)))
      .flatMap(call => callArguments(call).slice(0, 1))
    const listed = place.props.get('managedPolicies')?.children ?? []
    return [...given, ...listed].flatMap(one => {
      const callee = syntaxText(fieldOf(one, this.isPython ? 'function' : 'constructor'), this.text)
      const isPolicy = callee === this.nameOf('Policy') || callee === this.nameOf('ManagedPolicy')
      return isPolicy && isPlain(one) ? this.statementsIn(this.propOf(one, 'statements')) : []
    })
  }

  /** Methods of the role that attach policies. */
  attaching(): readonly string[] {
    return ['addManagedPolicy', 'attachInlinePolicy'].map(method => this.word(method))
  }

  namesIn(list: SyntaxNode | null | undefined): readonly string[] {
    return list?.type === 'array' || list?.type === 'list' ? list.children.map(one => syntaxText(one, this.text)) : []
  }

  inSameBlock(): readonly ConstructCall[] {
    const { made } = this.role
    return this.source.made.filter(
      one =>
        one.file === made.file &&
        one.place.block === made.place.block &&
        !one.isRepeated &&
        isPlain(one.place.statement),
    )
  }

  documentOf({ place: { props }, holder }: ConstructCall, calls: readonly SyntaxNode[]): readonly unknown[] {
    const callees = holder === null ? [] : [`${holder}.${this.word('addStatements')}`]
    return [...this.statementsIn(props.get('statements')), ...this.added(calls, callees)]
  }

  /**
   * `task.grantPassRole(deployer)`.
   * https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_iam.Role.html#grantwbrpassrolegrantee
   */
  granted(calls: readonly SyntaxNode[]): readonly unknown[] {
    const { holder } = this.role.made
    const grants: readonly (readonly [method: string, action: string])[] = [
      ['grantPassRole', 'iam:PassRole'],
      ['grantAssumeRole', 'sts:AssumeRole'],
    ]
    return calls.flatMap(call => {
      const callee = this.calleeOf(call)
      const [grantee, ...more] = callArguments(call)
      const grant = grants.find(([method]) => callee.endsWith(`.${this.word(method)}`))
      if (grant === undefined || holder === null || more.length > 0 || syntaxText(grantee, this.text) !== holder)
        return []
      const [method, Action] = grant
      const Resource = this.arnOf(callee.slice(0, -this.word(method).length - 1))
      return Resource === null ? [] : [{ Effect: 'Allow', Action, Resource }]
    })
  }

  /** The ARN of the one role that this block assigns to the name. Null: not certain. */
  arnOf(name: string): string | null {
    const [role, ...more] = this.inSameBlock().filter(one => one.holder === name)
    if (role === undefined || more.length > 0 || role.callee !== this.nameOf('Role')) return null
    const text = (prop: string): KnownValue | undefined => role.given.get(prop)
    const roleName = text('roleName')
    const path = role.given.has('path') ? text('path') : '/'
    if (typeof roleName !== 'string' || typeof path !== 'string') return null
    const { arn, accountId } = this.target
    return `arn:${arn.split(':')[1] ?? 'aws'}:iam::${accountId}:role${path}${roleName}`
  }

  /** Level 1 constructs, which the snippet of a draft uses. */
  ofLevel1({ holder }: ConstructCall): readonly unknown[] {
    const isUser = this.target.kind === 'user-inline-policy'
    const [type, prop] = isUser ? ['CfnUserPolicy', 'userName'] : ['CfnRolePolicy', 'roleName']
    return this.inSameBlock().flatMap(({ callee, place: { props } }) => {
      if (callee !== this.nameOf(type)) return []
      const owner = props.get(prop)
      const isOwn =
        literalValue(owner, this.text) === this.target.name ||
        (holder !== null && syntaxText(owner, this.text) === `${holder}.${this.word(prop)}`)
      const document = literalValue(props.get('policyDocument'), this.text)
      if (!isOwn || typeof document !== 'object' || !('Statement' in document)) return []
      const statements: unknown = Object.entries(document).find(([key]) => key === 'Statement')?.[1]
      return Array.isArray(statements) ? statements : [statements]
    })
  }
}

/** False for a branch: a construct in `cond ? new A() : new B()`, or behind `&&`, may not be made. */
function isPlain(statement: SyntaxNode): boolean {
  const branches = ['ternary_expression', 'conditional_expression', 'if_statement', 'boolean_operator', 'try_statement']
  for (const node of descendants(statement)) {
    if (branches.includes(node.type) || node.type === 'switch_statement') return false
    if (node.type === '&&' || node.type === '||' || node.type === '??') return false
  }
  return true
}
