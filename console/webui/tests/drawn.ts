import { crc32, deflateSync } from "node:zlib";

const SIDE = 64;

/** A grey plate with some noise, and with a dark scratch where asked for; different for each seed. */
export function plate(seed: number, scratch: boolean): Buffer {
  return png((x, y) => {
    const noise = ((x * 7919 + y * 104729 + seed * 1299709) % 23) - 11;
    const dark = scratch && Math.abs(y - 20 - ((x * (1 + (seed % 3))) >> 2)) < 3 && x > 10 && x < 54;
    const level = dark ? 40 : 150 + noise + (seed % 7);
    return [level, level, level];
  });
}

/** A plate of one colour: red, green or blue. */
export function coloured(seed: number, channel: 0 | 1 | 2): Buffer {
  return png((x, y) => {
    const colour = [60, 60, 60];
    colour[channel] = 190 + ((x * 31 + y * 17 + seed * 13) % 40);
    return colour;
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
