import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { temporaryFolder } from './temporary.ts'

const run = promisify(execFile)

/** Writes a wheel: a module of the package's name, which says its version. */
const WHEEL = `import sys, zipfile
path, name, version = sys.argv[1:]
info = f"{name}-{version}.dist-info"
with zipfile.ZipFile(path, "w") as wheel:
    wheel.writestr(f"{name}/__init__.py", f"# {version}\\n__version__ = {version!r}\\n")
    wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n")
    wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr(f"{info}/RECORD", "")
`

/** A package index (PEP 503) that has one small stand-in of each package, and what was asked of it. */
export async function packageIndex(packages: Readonly<Record<string, string>>) {
  const folder = await temporaryFolder()
  const wheels = new Map<string, Buffer>()
  for (const [name, version] of Object.entries(packages)) {
    const file = `${name}-${version}-py3-none-any.whl`
    await run('python3', ['-c', WHEEL, join(folder.path, file), name, version])
    wheels.set(file, await readFile(join(folder.path, file)))
  }
  const server = createServer((request, response) => {
    const last =
      (request.url ?? '')
        .split('/')
        .filter((part) => part !== '')
        .at(-1) ?? ''
    const wheel = wheels.get(last)
    const own = [...wheels.keys()].filter((file) => file.startsWith(`${last}-`))
    if (wheel === undefined && own.length === 0) response.statusCode = 404
    response.setHeader('content-type', wheel === undefined ? 'text/html' : 'application/zip')
    response.end(wheel ?? own.map((file) => `<a href="/files/${file}">${file}</a>`).join('\n'))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/simple`,
    [Symbol.asyncDispose]: async () => {
      server.close()
      server.closeAllConnections()
      await folder[Symbol.asyncDispose]()
    },
  }
}
