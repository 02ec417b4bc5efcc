import { type NextFunction, type Request, type Response, Router } from "express";
import { type Api, ApiUnavailable, createApiClient, type Readiness } from "./api.ts";
import { notFoundPage, unavailablePage } from "./errors.ts";
import { homePage } from "./home.ts";
import { contentSecurityPolicy } from "./layout.ts";
import { loanPage } from "./loan.ts";
import { poolPage } from "./pool.ts";

const loanId = /^0x[0-9a-fA-F]{64}$/;
const address = /^0x[0-9a-fA-F]{40}$/;

const headers = {
  "Content-Security-Policy": contentSecurityPolicy,
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "X-Frame-Options": "DENY",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
  "Cache-Control": "no-cache",
};

/** The text of a page, or undefined for "there is no such thing". */
type Render = (request: Request, readiness: Readiness) => Promise<string | undefined>;

function send(response: Response, status: number, text: string): void {
  response.removeHeader("X-Powered-By");
  response.status(status).set(headers).type("html").send(text);
}

/** Undefined for a missing or repeated parameter that is not one text. */
function cursorOf(request: Request): string | undefined {
  return new URLSearchParams(request.url.split("?")[1] ?? "").get("cursor") ?? undefined;
}

function renders(api: Api): Record<string, Render> {
  const one = async <T>(
    value: unknown,
    form: RegExp,
    find: (id: string) => Promise<T | undefined>,
    show: (found: T) => string,
  ) => {
    if (typeof value !== "string" || !form.test(value)) return undefined;
    const found = await find(value);
    return found === undefined ? undefined : show(found);
  };
  return {
    "/": (request, readiness) => homePage(api, readiness, cursorOf(request)),
    "/loans/:id": (request, readiness) =>
      one(request.params.id, loanId, api.loan, (loan) => loanPage(loan, readiness)),
    "/pools/:address": (request, readiness) =>
      one(request.params.address, address, api.pool, (pool) => poolPage(pool, readiness)),
  };
}

/**
 * The pages for people, as an express Router to be mounted at the root behind the API: `/`, `/loans/{id}`,
 * `/pools/{address}`, and a 404 page for everything else. Plain HTML without scripts, made from the HTTP API at
 * `apiUrl` alone; figures are never kept, so a page is as fresh as the API.
 */
export function createPages({ apiUrl }: { apiUrl: string }): Router {
  const api = createApiClient(apiUrl);
  const router = Router({ caseSensitive: true });
  for (const [path, render] of Object.entries(renders(api))) {
    const route = router.route(path);
    route.get(async (request, response) => {
      const readiness = await api.readiness();
      const page = await render(request, readiness);
      if (page === undefined) send(response, 404, notFoundPage(readiness));
      else send(response, 200, page);
    });
    route.all((_request, response) => {
      response
        .set("Allow", "GET, HEAD")
        .set(headers)
        .status(405)
        .type("txt")
        .send("This page can only be read.\n");
    });
  }
  router.use((_request: Request, response: Response) => {
    send(response, 404, notFoundPage({ ready: true }));
  });
  router.use((error: unknown, _request: Request, response: Response, next: NextFunction) => {
    if (response.headersSent) return next(error);
    if (error instanceof ApiUnavailable) return send(response, 503, unavailablePage());
    const status = error instanceof URIError ? 404 : 500;
    send(response, status, status === 404 ? notFoundPage({ ready: true }) : unavailablePage());
  });
  return router;
}
