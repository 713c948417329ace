const polynomial = 0xedb8_8320;
const top = 0x8000_0000;

/** x^(2^n) modulo the polynomial, for n from 0 to 31; from 32 on they repeat. Bits are reflected: the top bit is x^0. */
const powers = makePowers();

/** The CRC-32 of data whose CRC-32 is `crc`, followed by `length` zero bytes: without reading them (the method of zlib). */
export function crc32OfZeros(crc: number, length: number): number {
  return (multiply(powerOfBytes(length), ~crc) ^ -1) >>> 0;
}

/** x^(8 * length). */
function powerOfBytes(length: number): number {
  let result = top;
  let exponent = 3;
  for (let rest = length; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) {
      result = multiply(powers[exponent % 32] ?? 0, result);
    }
    exponent += 1;
  }
  return result;
}

function multiply(left: number, right: number): number {
  let product = 0;
  let factor = right;
  for (let bit = top; bit !== 0; bit >>>= 1) {
    if ((left & bit) !== 0) {
      product ^= factor;
    }
    factor = (factor & 1) === 0 ? factor >>> 1 : (factor >>> 1) ^ polynomial;
  }
  return product;
}

function makePowers(): Uint32Array {
  const table = new Uint32Array(32);
  let power = top >>> 1;
  for (let index = 0; index < table.length; index += 1) {
    table[index] = power;
    power = multiply(power, power);
  }
  return table;
}
