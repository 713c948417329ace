import { z } from 'zod';
import { version } from '../../../platform/version.ts';
import { metricsText, metricsType } from '../metrics.ts';
import type { ServerContext } from '../server-context.ts';
import { type RestAnswer, type Route, route } from './route.ts';

const healthModel = z.object({ status: z.literal('ok'), version: z.string() });

/** Whether it is there, how it stands, and what it can be asked. */
export function systemRoutes(context: ServerContext, openApi: () => unknown): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/health',
      operationId: 'getHealth',
      summary: 'Whether this service answers',
      access: 'open',
      answers: { 200: { description: 'It does.', schema: healthModel } },
      errors: [],
      handle: async (): Promise<RestAnswer> => ({ status: 200, body: { status: 'ok', version } }),
    }),
    route({
      method: 'GET',
      path: '/metrics',
      operationId: 'getMetrics',
      summary: 'Figures for Prometheus',
      access: 'token',
      answers: { 200: { description: 'Prometheus text format.', contentType: metricsType } },
      errors: [],
      handle: async (): Promise<RestAnswer> => {
        const status = await context.run('status', {});
        // A series that is gone alarms nobody.
        const agents = status.memory?.agents ?? (await context.rememberedAgents());
        return { status: 200, body: metricsText(status, agents), contentType: metricsType };
      },
    }),
    route({
      method: 'GET',
      path: '/openapi.json',
      operationId: 'getOpenApi',
      summary: 'This description',
      access: 'token',
      answers: { 200: { description: 'OpenAPI 3.1.', schema: z.record(z.string(), z.json()) } },
      errors: [],
      handle: async (): Promise<RestAnswer> => ({ status: 200, body: openApi() }),
    }),
  ];
}
