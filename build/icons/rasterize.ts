import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { initWasm, Resvg } from '@resvg/resvg-wasm';

/** A square picture of `size` pixels: as a file, and as RGBA rows from the top, not multiplied by their opacity. */
export type Picture = Readonly<{ size: number; png: Buffer; pixels: Uint8Array }>;

const require = createRequire(import.meta.url);
let loaded: Promise<void> | undefined;

/** Draws an SVG; the same bytes on every system, since it needs neither fonts nor graphics of the machine. */
export async function rasterize(svg: string, size: number): Promise<Picture> {
  loaded ??= readFile(require.resolve('@resvg/resvg-wasm/index_bg.wasm')).then(initWasm);
  await loaded;
  const drawing = new Resvg(svg, { fitTo: { mode: 'width', value: size }, font: { loadSystemFonts: false } });
  const image = drawing.render();
  try {
    return { size, png: Buffer.from(image.asPng()), pixels: straight(image.pixels) };
  } finally {
    image.free();
    drawing.free();
  }
}

/** The library multiplies colours by their opacity. */
function straight(pixels: Uint8Array): Uint8Array {
  return pixels.map((value, index) => {
    const opacity = pixels[index - (index % 4) + 3] ?? 0;
    return index % 4 === 3 || opacity === 0 ? value : Math.min(255, Math.round((value * 255) / opacity));
  });
}
