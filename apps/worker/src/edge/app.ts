import { failure } from '@gastown/protocol';
import { Hono } from 'hono';
import type { Env } from '../env.ts';
import { answerRefusal, failureOfException } from './answers.ts';
import { secured } from './headers.ts';
import { ROUTES } from './routes.ts';
import { requireOwnHost, requireOwnOrigin } from './site.ts';

/** The one router. Host and origin first, then the table, then the page's files; every failure is answered here and nowhere else. */
const OURS = /^\/(api|llm|runner|host)(\/|$)/;

function makeApp(): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>();
  app.use(async (c, next) => {
    requireOwnHost(c.req.raw, c.env);
    requireOwnOrigin(c.req.raw, c.env);
    await next();
  });
  for (const { method, path, handle } of ROUTES) {
    app.on(method, path, (c) =>
      handle({ request: c.req.raw, env: c.env, param: (name) => c.req.param(name) ?? '', later: (work) => c.executionCtx.waitUntil(work) }),
    );
  }
  app.notFound((c) => {
    const { method, path, raw } = c.req;
    if (OURS.test(path) || !['GET', 'HEAD'].includes(method))
      return answerRefusal(failure('unknown_route', `There is nothing at ${method} ${path.slice(0, 200)}.`));
    return c.env.ASSETS.fetch(raw);
  });
  app.onError((error, c) => answerRefusal(failureOfException(error, { method: c.req.method, path: c.req.path })));
  return app;
}

const app = makeApp();
export async function serve(request: Request, env: Env, context: ExecutionContext): Promise<Response> {
  return secured(await app.fetch(request, env, context), new URL(request.url).pathname);
}
