import { type NextFunction, type Request, type Response, Router } from "express";
import { toProblem } from "./failures.ts";
import { begin } from "./headers.ts";
import { readInput } from "./input.ts";
import { Problem } from "./problems.ts";
import { sendProblem, sendText } from "./reply.ts";
import type { Context, Route } from "./route.ts";

const json = "application/json; charset=utf-8";

function allowedMethods(routes: readonly Route[]): string {
  const declared = routes.flatMap(({ method }) =>
    method === "get" ? ["GET", "HEAD"] : [method.toUpperCase()],
  );
  return [...declared, "OPTIONS"].join(", ");
}

function answer(route: Route, context: Context) {
  return async (request: Request, response: Response): Promise<void> => {
    const requestId = begin(request, response);
    try {
      const input = await readInput(route, request, response);
      const reply = await route.handle(input, context);
      for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value);
      sendText(request, response, reply.status, json, reply.text ?? JSON.stringify(reply.body));
    } catch (error) {
      sendProblem(request, response, toProblem(error, requestId));
    }
  };
}

function refuseMethod(allow: string) {
  return (request: Request, response: Response): void => {
    begin(request, response);
    response.setHeader("Allow", allow);
    if (request.method === "OPTIONS") {
      response.statusCode = 204;
      response.end();
      return;
    }
    sendProblem(request, response, new Problem("method_not_allowed", `This address answers to ${allow}.`));
  };
}

/**
 * Makes the router from the registry: no route exists that is not in it. Paths outside the registry are left to
 * whoever is mounted next (the pages), except below /v1, which is the API's own.
 */
export function createRouter(routes: readonly Route[], context: Context): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const paths = Map.groupBy(routes, ({ path }) => path);
  for (const [path, samepath] of paths) {
    const target = router.route(path.replaceAll(/\{(\w+)\}/g, ":$1"));
    for (const route of samepath) target[route.method](answer(route, context));
    target.all(refuseMethod(allowedMethods(samepath)));
  }
  router.use("/v1", (request: Request, response: Response) => {
    const detail = "The addresses that exist are listed in /openapi.json.";
    sendProblem(request, response, new Problem("route_not_found", detail));
  });
  router.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    sendProblem(request, response, toProblem(error, begin(request, response)));
  });
  return router;
}
