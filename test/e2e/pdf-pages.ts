/** The positions of text in a PDF that Chromium printed, to find an empty page or an empty part of one. */
import { inflateSync } from 'node:zlib'

export type PdfPage = {
  readonly height: number
  /** Baselines from the top of the page in its units, ascending, each once. */
  readonly baselines: readonly number[]
}

type Matrix = readonly [number, number, number, number, number, number]

export function pdfPages(pdf: Buffer): readonly PdfPage[] {
  const text = pdf.toString('latin1')
  return [...text.matchAll(/\d+ 0 obj\n<<\/Type \/Page\n[\s\S]*?endobj/g)].map(([page]) => {
    const height = Number(/\/MediaBox \[0 0 [\d.]+ ([\d.]+)\]/.exec(page)?.[1])
    return { height, baselines: baselinesOf(contentOf(pdf, text, page), height) }
  })
}

function contentOf(pdf: Buffer, text: string, page: string): string {
  const object = /\/Contents (\d+) 0 R/.exec(page)?.[1]
  const at = text.indexOf(`\n${object} 0 obj`)
  const start = text.indexOf('stream\n', at) + 'stream\n'.length
  const length = Number(/\/Length (\d+)/.exec(text.slice(at, start))?.[1])
  return inflateSync(pdf.subarray(start, start + length)).toString('latin1')
}

/** https://opensource.adobe.com/dc-acrobat-sdk-docs/pdfstandards/PDF32000_2008.pdf, 8.3.4 and 9.4.2 */
function baselinesOf(content: string, height: number): readonly number[] {
  const found = new Set<number>()
  const saved: Matrix[] = []
  let now: Matrix = [1, 0, 0, 1, 0, 0]
  for (const line of content.split('\n')) {
    if (line === 'q') saved.push(now)
    else if (line === 'Q') now = saved.pop() ?? now
    else if (line.endsWith(' cm')) now = product(numbersIn(line), now)
    else if (line.endsWith(' Tm')) {
      const [, , , , x, y] = numbersIn(line)
      found.add(Math.round(height - (now[1] * x + now[3] * y + now[5])))
    }
  }
  return [...found].filter(y => y >= 0 && y <= height).sort((a, b) => a - b)
}

function numbersIn(line: string): Matrix {
  const [a = 1, b = 0, c = 0, d = 1, e = 0, f = 0] = line.split(' ').map(Number)
  return [a, b, c, d, e, f]
}

function product([a, b, c, d, e, f]: Matrix, [A, B, C, D, E, F]: Matrix): Matrix {
  return [a * A + b * C, a * B + b * D, c * A + d * C, c * B + d * D, e * A + f * C + E, e * B + f * D + F]
}
