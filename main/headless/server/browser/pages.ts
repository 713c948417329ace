import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { pagePolicy } from '../../../app/pages/page-policy.ts';

/** The built pages; only files that were there at the start are given out. */
export async function addPages(app: FastifyInstance, folder: string): Promise<void> {
  await app.register(fastifyStatic, {
    root: folder,
    wildcard: false,
    cacheControl: false,
    dotfiles: 'ignore',
    setHeaders: (response) => void response.header('content-security-policy', pagePolicy),
  });
}
