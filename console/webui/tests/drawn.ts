import { crc32, deflateSync } from "node:zlib";

const SIDE = 64;

/** A grey plate with some noise, and with a dark scratch where asked for; different for each seed. */
export function plate(seed: number, scratch: boolean): Buffer {
  return png((x, y) => {
    const noise = ((x * 7919 + y * 104729 + seed * 1299709) % 23) - 11;
    const level = scratch && isScratch(seed, x, y) ? 40 : 150 + noise + (seed % 7);
    return [level, level, level];
  });
}

/** A plate without a scratch, taken with half the light. */
export const darker = (seed: number) =>
  png((x, y) => Array(3).fill(75 + (((x * 7919 + y * 104729 + seed * 1299709) % 23) - 11) / 2));

/** Which pixels of the plate are its scratch: white on black. */
export const scratchMask = (seed: number) => png((x, y) => Array(3).fill(isScratch(seed, x, y) ? 255 : 0));

const isScratch = (seed: number, x: number, y: number) =>
  Math.abs(y - 20 - ((x * (1 + (seed % 3))) >> 2)) < 3 && x > 10 && x < 54;

/** A plate of one colour: red, green or blue. */
export function coloured(seed: number, channel: 0 | 1 | 2): Buffer {
  return png((x, y) => {
    const colour = [60, 60, 60];
    // Of each image its own: only the colour tells which channel it is.
    const noise = Math.abs(Math.sin(x * 12.9898 + y * 78.233 + (3 * seed + channel) * 37.719) * 43758.5453) % 1;
    colour[channel] = 190 + Math.floor(40 * noise);
    return colour;
  });
}

/** Rectangles of different greys; scenes of different seeds look different. The noise makes a copy. */
export function scene(seed: number, noise: number): Buffer {
  const random = (n: number) => Math.abs(Math.sin(seed * 127.1 + n * 311.7) * 43758.5453) % 1;
  const boxes = Array.from({ length: 12 }, (_, n) => ({
    x: random(5 * n) * SIDE,
    y: random(5 * n + 1) * SIDE,
    size: 8 + random(5 * n + 2) * 24,
    grey: 30 + Math.floor(random(5 * n + 3) * 200),
  }));
  return png((x, y) => {
    const box = boxes.findLast((one) => x >= one.x && x < one.x + one.size && y >= one.y && y < one.y + one.size);
    const grey = (box?.grey ?? 120) + (((x * 7 + y * 13) % 5) * noise) / 2;
    return [grey, grey, grey];
  });
}

function png(pixel: (x: number, y: number) => number[]): Buffer {
  const rows = [];
  for (let y = 0; y < SIDE; y++) {
    const row = Buffer.alloc(1 + SIDE * 3);
    for (let x = 0; x < SIDE; x++) {
      row.set(pixel(x, y), 1 + x * 3);
    }
    rows.push(row);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(SIDE, 0);
  header.writeUInt32BE(SIDE, 4);
  header.set([8, 2], 8); // 8 bits, RGB
  return Buffer.concat([
    Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(Buffer.concat(rows))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** A zip archive of the files, by their path; they are not compressed. */
export function zip(files: Record<string, Buffer>): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [path, data] of Object.entries(files)) {
    const name = Buffer.from(path);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0); // version of the format
    fields.writeUInt32LE(checksum(data), 10);
    fields.writeUInt32LE(data.length, 14);
    fields.writeUInt32LE(data.length, 18);
    fields.writeUInt16LE(name.length, 22);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    const body = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), fields, name, data]);
    bodies.push(body);
    directory.push(Buffer.from("PK\x01\x02\x14\x00", "latin1"), fields, place, name);
    offset += body.length;
  }
  const entries = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(bodies.length, 4);
  end.writeUInt16LE(bodies.length, 6);
  end.writeUInt32LE(entries.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...bodies, entries, Buffer.from("PK\x05\x06", "latin1"), end]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(checksum(body));
  return Buffer.concat([length, body, check]);
}

function checksum(data: Buffer): number {
  // zlib.crc32 is of Node 20.15 and newer; the types may be older.
  return crc32(data) >>> 0;
}
