/** MD4 (RFC 1320): NTLM's digest of a password, which OpenSSL 3 no longer has by default. For nothing else. */
export function md4(message: Buffer): Buffer {
  const padded = Buffer.alloc((((message.length + 8) >> 6) + 1) << 6);
  message.copy(padded);
  padded[message.length] = 0x80;
  padded.writeUInt32LE(message.length * 8, padded.length - 8);
  let state: Words = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
  for (let at = 0; at < padded.length; at += 64) {
    const block = Array.from({ length: 16 }, (_, index) => padded.readUInt32LE(at + index * 4));
    const mixed = rounds.reduce((words, round) => mix(words, block, round), state);
    state = sum(state, mixed);
  }
  const digest = Buffer.alloc(16);
  for (const [index, word] of state.entries()) digest.writeUInt32LE(word, index * 4);
  return digest;
}

type Words = readonly [number, number, number, number];

interface Round {
  readonly mix: (x: number, y: number, z: number) => number;
  readonly constant: number;
  /** In which the words of a block are taken. */
  readonly order: readonly number[];
  readonly shifts: readonly number[];
}

/** RFC 1320 section 3.4. */
const rounds: readonly Round[] = [
  {
    mix: (x, y, z) => (x & y) | (~x & z),
    constant: 0,
    order: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    shifts: [3, 7, 11, 19],
  },
  {
    mix: (x, y, z) => (x & y) | (x & z) | (y & z),
    constant: 0x5a827999,
    order: [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15],
    shifts: [3, 5, 9, 13],
  },
  {
    mix: (x, y, z) => x ^ y ^ z,
    constant: 0x6ed9eba1,
    order: [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15],
    shifts: [3, 9, 11, 15],
  },
];

function mix(words: Words, block: readonly number[], round: Round): Words {
  let [a, b, c, d] = words;
  for (const [step, index] of round.order.entries()) {
    const shift = round.shifts[step % 4] ?? 0;
    const sum = (a + round.mix(b, c, d) + (block[index] ?? 0) + round.constant) | 0;
    [a, b, c, d] = [d, (sum << shift) | (sum >>> (32 - shift)), b, c];
  }
  return [a, b, c, d];
}

function sum(one: Words, other: Words): Words {
  const add = (index: 0 | 1 | 2 | 3) => (one[index] + other[index]) >>> 0;
  return [add(0), add(1), add(2), add(3)];
}
