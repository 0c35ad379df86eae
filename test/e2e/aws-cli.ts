/**
 * The AWS CLI of the system (Debian: awscli), loaded once: each call is a fork of one process. Its start takes longer than most calls.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

const SERVER = `
import json, os, socket, sys
import awscli.clidriver
awscli.clidriver.create_clidriver()
place = socket.socket(socket.AF_UNIX)
place.bind(sys.argv[1])
place.listen(50)
print('ready', flush=True)
while True:
    call, _ = place.accept()
    if os.fork() == 0:
        given, files, _, _ = socket.recv_fds(call, 1 << 20, 3)
        given = json.loads(given)
        os.chdir(given['cwd'])
        # Set by the CLI itself, as it was loaded.
        own = os.environ['AWS_DATA_PATH']
        os.environ.clear()
        os.environ.update(given['env'], AWS_DATA_PATH=own)
        for number, file in enumerate(files): os.dup2(file, number)
        sys.argv = ['aws', *given['args']]
        try: code = awscli.clidriver.main()
        except SystemExit as error: code = error.code
        sys.stdout.flush()
        sys.stderr.flush()
        call.send(str(code or 0).encode())
        os._exit(0)
    call.close()
    try:
        while os.waitpid(-1, os.WNOHANG)[0] != 0: pass
    except ChildProcessError: pass
`

/** `env`: without \`PYTHON…\`, which the isolated interpreter ignores. */
const CLIENT = (place: string) => `#!/usr/bin/python3 -IS
import json, os, socket, sys
server = socket.socket(socket.AF_UNIX)
server.connect('${place}')
given = {'args': sys.argv[1:], 'cwd': os.getcwd(), 'env': dict(os.environ)}
socket.send_fds(server, [json.dumps(given).encode()], [0, 1, 2])
sys.exit(int(server.recv(16) or 1))
`

/** Puts \`aws\` into the folder. */
export async function startAwsCli(folder: string): Promise<ChildProcess> {
  const place = join(folder, 'aws.socket')
  writeFileSync(join(folder, 'aws'), CLIENT(place), { mode: 0o755 })
  const server = spawn('/usr/bin/python3', ['-I', '-c', SERVER, place], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ready = once(server.stdout, 'data')
  const ended = once(server, 'exit').then(() => {
    throw new Error('the AWS CLI cannot be loaded: install awscli')
  })
  ended.catch(() => {})
  await Promise.race([ready, ended])
  return server
}
