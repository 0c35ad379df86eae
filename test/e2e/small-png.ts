/** PNG pictures of pages, side by side in one picture with at most 32 colours. https://www.w3.org/TR/png-3/ */
import { crc32, deflateSync, inflateSync } from 'node:zlib'

/** `rgb`: 3 bytes a pixel, row by row. */
export type Picture = { readonly width: number; readonly height: number; readonly rgb: Uint8Array }

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const RGB = 2
const RGBA = 6

/** Of a PNG with 8 bits a channel, not interlaced, as browsers write it. */
export function parsePicture(png: Buffer): Picture {
  const parts: Buffer[] = []
  let header: Buffer | null = null
  for (let at = SIGNATURE.length; at < png.length; ) {
    const length = png.readUInt32BE(at)
    const type = png.toString('latin1', at + 4, at + 8)
    const data = png.subarray(at + 8, at + 8 + length)
    if (type === 'IHDR') header = data
    if (type === 'IDAT') parts.push(data)
    at += length + 12
  }
  if (header === null) throw new TypeError('the picture has no header')
  const [width, height, type] = [header.readUInt32BE(0), header.readUInt32BE(4), header[9]]
  if (header[8] !== 8 || (type !== RGB && type !== RGBA) || header[12] !== 0)
    throw new TypeError('the picture has another form')
  const channels = type === RGBA ? 4 : 3
  const rows = unfiltered(inflateSync(Buffer.concat(parts)), width * channels, height, channels)
  const rgb = new Uint8Array(width * height * 3)
  for (let pixel = 0; pixel < width * height; pixel += 1)
    for (let channel = 0; channel < 3; channel += 1) rgb[pixel * 3 + channel] = rows[pixel * channels + channel] ?? 0
  return { width, height, rgb }
}

/** https://www.w3.org/TR/png-3/#9Filters */
function unfiltered(data: Buffer, stride: number, height: number, channels: number): Uint8Array {
  const rows = new Uint8Array(stride * height)
  for (let row = 0; row < height; row += 1) {
    const filter = data[row * (stride + 1)] ?? 0
    for (let at = 0; at < stride; at += 1) {
      const left = at < channels ? 0 : (rows[row * stride + at - channels] ?? 0)
      const up = row === 0 ? 0 : (rows[(row - 1) * stride + at] ?? 0)
      const corner = row === 0 || at < channels ? 0 : (rows[(row - 1) * stride + at - channels] ?? 0)
      const add = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter] ?? 0
      rows[row * stride + at] = (data[row * (stride + 1) + 1 + at] ?? 0) + add
    }
  }
  return rows
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)]
  return a <= b && a <= c ? left : b <= c ? up : corner
}

/** From left to right, aligned at the top, on a grey ground. */
export function sideBySide(pictures: readonly Picture[], gap: number): Picture {
  const width = pictures.reduce((all, one) => all + one.width, gap * (pictures.length - 1))
  const height = Math.max(...pictures.map(one => one.height))
  const rgb = new Uint8Array(width * height * 3).fill(0x88)
  let left = 0
  for (const one of pictures) {
    for (let row = 0; row < one.height; row += 1)
      rgb.set(one.rgb.subarray(row * one.width * 3, (row + 1) * one.width * 3), (row * width + left) * 3)
    left += one.width + gap
  }
  return { width, height, rgb }
}

const MAX_COLOURS = 32

/** Keeps the most frequent colours; the others become the nearest of these. */
export function smallPng({ width, height, rgb }: Picture): Buffer {
  const counts = new Map<number, number>()
  const colourAt = (at: number) => ((rgb[at] ?? 0) << 16) | ((rgb[at + 1] ?? 0) << 8) | (rgb[at + 2] ?? 0)
  for (let at = 0; at < rgb.length; at += 3) counts.set(colourAt(at), (counts.get(colourAt(at)) ?? 0) + 1)
  const palette = [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, MAX_COLOURS)
    .map(([colour]) => colour)
  const indexes = new Map([...counts.keys()].map(colour => [colour, nearest(colour, palette)]))
  const rows = Buffer.alloc((width + 1) * height)
  for (let row = 0; row < height; row += 1)
    for (let column = 0; column < width; column += 1)
      rows[row * (width + 1) + 1 + column] = indexes.get(colourAt((row * width + column) * 3)) ?? 0
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 3, 0, 0, 0], 8)
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette.flatMap(channelsOf))),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

const channelsOf = (colour: number): readonly [number, number, number] => [
  colour >> 16,
  (colour >> 8) & 255,
  colour & 255,
]

function nearest(colour: number, palette: readonly number[]): number {
  const [red, green, blue] = channelsOf(colour)
  let best = 0
  let least = Number.POSITIVE_INFINITY
  for (const [index, other] of palette.entries()) {
    const [r, g, b] = channelsOf(other)
    const distance = (red - r) ** 2 + (green - g) ** 2 + (blue - b) ** 2
    if (distance < least) [best, least] = [index, distance]
    if (least === 0) break
  }
  return best
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const framed = Buffer.alloc(body.length + 8)
  framed.writeUInt32BE(data.length, 0)
  framed.set(body, 4)
  framed.writeUInt32BE(crc32(body), body.length + 4)
  return framed
}
