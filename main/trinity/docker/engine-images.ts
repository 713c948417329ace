import type { Readable } from 'node:stream';
import { z } from 'zod';
import { answerError } from './engine-error.ts';
import type { ImageFacts } from './engine-facts.ts';
import { imageListShape, imageShape } from './engine-shapes.ts';
import type { EngineTransport } from './engine-transport.ts';

export type ImageCalls = Readonly<{
  listImages: (signal: AbortSignal) => Promise<readonly ImageFacts[]>;
  /** By name or id; undefined when it is not on the engine. Nothing is ever pulled. */
  inspectImage: (image: string, signal: AbortSignal) => Promise<ImageFacts | undefined>;
  /** Makes an image of one layer from a tar archive. */
  importImage: (
    archive: Readable,
    name: Readonly<{ repository: string; tag: string }>,
    signal: AbortSignal,
  ) => Promise<ImageFacts>;
  removeImage: (image: string, signal: AbortSignal) => Promise<void>;
}>;

// The answer has status 200 from the start; what fails later stands in a line of it.
const progressLine = z.object({ error: z.string().optional() });

export function imageCalls(transport: EngineTransport): ImageCalls {
  const inspectImage: ImageCalls['inspectImage'] = async (image, signal) => {
    const path = `/images/${image.split('/').map(encodeURIComponent).join('/')}/json`;
    return await transport.find(
      { method: 'GET', path, doing: `inspect the image ${image}` },
      imageShape,
      signal,
    );
  };
  return {
    inspectImage,
    listImages: async (signal) =>
      await transport.json(
        { method: 'GET', path: '/images/json', doing: 'list the images' },
        imageListShape,
        signal,
      ),
    importImage: async (upload, { repository, tag }, signal) => {
      const image = `${repository}:${tag}`;
      const doing = `import the image ${image}`;
      const query = { fromSrc: '-', repo: repository, tag };
      const request = { method: 'POST', path: '/images/create', query, upload, doing } as const;
      const said = await transport.text(request, signal);
      for (const line of said.split('\n').filter((text) => text.trim() !== '')) {
        const { error } = progressLine.parse(JSON.parse(line));
        if (error !== undefined) throw answerError(500, error, { doing, url: transport.url });
      }
      const made = await inspectImage(image, signal);
      if (made === undefined) throw answerError(500, '', { doing, url: transport.url });
      return made;
    },
    removeImage: async (image, signal) => {
      const path = `/images/${image.split('/').map(encodeURIComponent).join('/')}`;
      await transport.text({ method: 'DELETE', path, doing: `remove the image ${image}` }, signal);
    },
  };
}
