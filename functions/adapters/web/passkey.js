// The passkey of the person who looks at this page. Nothing here decides anything: what is signed is checked by decide, enroll and write.
const { page, challenge, deployment } = document.body.dataset
const at = id => document.getElementById(id)
const show = text => {
  at('said').textContent = text
}

const toText = buffer => {
  const text = String.fromCharCode(...new Uint8Array(buffer))
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}
const toBytes = text =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), character => character.charCodeAt(0))

// As the bot writes JSON before it takes the digest: keys in order, no white space.
const canonical = value =>
  typeof value === 'object'
    ? `{${Object.keys(value)
        .sort()
        .map(key => `${JSON.stringify(key)}:${canonical(value[key])}`)
        .join(',')}}`
    : JSON.stringify(value)
const digestOf = async value => {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(canonical(value)))
  return `sha256:${Array.from(new Uint8Array(hash), byte => byte.toString(16).padStart(2, '0')).join('')}`
}
const challengeOf = async value => toText(new TextEncoder().encode(await digestOf(value)))
// Read aloud: as many hex digits as nobody finds another key for.
const words = async request => (await digestOf(request)).slice(7, 31).match(/.{4}/g).join('-')

const sign = async (text, id) => {
  const allowed = id === undefined ? {} : { allowCredentials: [{ type: 'public-key', id: toBytes(id) }] }
  const { rawId, response } = await navigator.credentials.get({
    publicKey: { challenge: toBytes(text), rpId: location.hostname, userVerification: 'required', ...allowed },
  })
  return {
    credentialId: toText(rawId),
    userHandle: response.userHandle === null ? null : toText(response.userHandle),
    assertion: {
      clientData: toText(response.clientDataJSON),
      authenticatorData: toText(response.authenticatorData),
      signature: toText(response.signature),
    },
  }
}

const send = async (path, body) => {
  const answer = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return answer.json().catch(() => ({ ok: false, message: `The server answered ${answer.status}: try again.` }))
}

// A button works once at a time, and says what came of it.
const onPress = (id, work) => {
  const button = at(id)
  button.disabled = false
  button.addEventListener('click', async () => {
    button.disabled = true
    try {
      show('Waiting for your device …')
      button.disabled = (await work()) === true
    } catch (error) {
      button.disabled = false
      show(`Your device did not sign: ${error.message}`)
    }
  })
}

const ALGORITHMS = { '-7': 'ES256', '-257': 'RS256', '-8': 'EdDSA' }

const makePasskey = async userId => {
  const created = await navigator.credentials.create({
    publicKey: {
      challenge: crypto.getRandomValues(new Uint8Array(32)),
      rp: { id: location.hostname, name: 'rolemedic' },
      user: { id: new TextEncoder().encode(userId), name: userId, displayName: userId },
      pubKeyCredParams: Object.keys(ALGORITHMS).map(alg => ({ type: 'public-key', alg: Number(alg) })),
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      attestation: 'none',
    },
  })
  const publicKey = created.response.getPublicKey?.()
  const algorithm = ALGORITHMS[created.response.getPublicKeyAlgorithm?.()]
  if (!publicKey || !algorithm) throw new Error('this browser does not give the public key: use another one')
  const request = {
    schema: 'rolemedic.enroll-request/1',
    deploymentId: deployment,
    rpId: location.hostname,
    userId,
    credentialId: toText(created.rawId),
    publicKey: toText(publicKey),
    algorithm,
    atMs: Date.now(),
  }
  show('Once more: your device signs that this key is yours.')
  const { assertion } = await sign(await challengeOf(request), request.credentialId)
  return { request, assertion }
}

const userIn = field => {
  const { value, pattern, dataset } = at(field)
  const id = value.trim()
  if (!new RegExp(`^(?:${pattern})$`).test(id)) throw new Error(dataset.wrong)
  return id
}

const showApproval = () =>
  onPress('sign', async () => {
    const { ok, message } = await send(location.pathname, await sign(challenge))
    show(message)
    return ok
  })

const showRequest = async code => {
  const { request } = JSON.parse(new TextDecoder().decode(toBytes(code)))
  at('request').hidden = false
  at('whose').textContent = request.userId
  at('words').textContent = await words(request)
  onPress('confirm', async () => {
    const userId = userIn('confirmer')
    const challenge = await challengeOf({ schema: 'rolemedic.confirm-passkey/1', request: await digestOf(request) })
    const { credentialId, assertion } = await sign(challenge)
    const { ok, message } = await send('/enroll/confirm', { code, userId, credentialId, assertion })
    show(message)
    return ok
  })
}

const showEnrollment = () => {
  at('make').hidden = false
  at('user').value = new URLSearchParams(location.search).get('user') ?? ''
  onPress('create', async () => {
    const made = await makePasskey(userIn('user'))
    const code = toText(new TextEncoder().encode(JSON.stringify(made)))
    at('made').hidden = false
    at('code').value = code
    at('link').value = `${location.origin}/enroll#${code}`
    at('check').textContent = await words(made.request)
    show('Nobody has confirmed it yet.')
    if (at('here') !== null)
      onPress('here', async () => {
        const { ok, message } = await send('/enroll/here', { code })
        show(message)
        return ok
      })
    return true
  })
}

if (!window.PublicKeyCredential) show('This browser has no passkeys: open the page in another one.')
else if (page === 'approve') showApproval()
else if (page === 'enroll' && location.hash.length > 1)
  showRequest(location.hash.slice(1)).catch(() => show('This is no whole link.'))
else if (page === 'enroll') showEnrollment()
