// A provider of identity that is not ours (`oidc-provider`), set up as ProConnect is told to be: unknown parameters
// refused, the client's secret in the body, `userinfo` signed. Whoever signs in is what POST /become said last.
// Settings come in on standard input as JSON; the issuer goes out on the first line of standard output.

import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import Provider, { interactionPolicy } from "oidc-provider";

const settings = JSON.parse(await text(process.stdin));
let person = { sub: "nobody", acr: "eidas1" };
const allowed = new Set(settings.allowed);

// What the client asked for is not enforced here: the client must look by itself.
const policy = interactionPolicy.base();
for (const check of ["essential_acrs", "essential_acr"]) policy.get("login").checks.remove(check);

const server = createServer();
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;
const provider = new Provider(issuer, {
  clients: [settings.client],
  acrValues: ["eidas0", "eidas1", "eidas2", "eidas3"],
  claims: { openid: ["sub"], siret: ["siret"], acr: null },
  scopes: ["openid", "siret"],
  cookies: { keys: ["a key of a test"] },
  pkce: { required: () => false },
  features: {
    devInteractions: { enabled: false },
    claimsParameter: { enabled: true },
    jwtUserinfo: { enabled: true },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: (ctx, form) => { ctx.body = `${form}<button form="op.logoutForm" name="logout" value="yes">yes</button>`; },
    },
  },
  interactions: { policy, url: (ctx, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id, siret: person.siret }) }),
});
provider.use(async (ctx, next) => {
  if (ctx.path === "/auth" && Object.keys(ctx.query).some((name) => !allowed.has(name))) {
    ctx.status = 400;
    ctx.body = "Y000400";
    return;
  }
  if (ctx.path === "/auth" && [ctx.query.state, ctx.query.nonce].some((value) => (value || "").length < 32)) {
    ctx.status = 400;
    ctx.body = "Y000401";
    return;
  }
  await next();
});
const handle = provider.callback();

async function interact(request, response) {
  const { prompt, params, session } = await provider.interactionDetails(request, response);
  if (prompt.name === "login") {
    const login = { accountId: person.sub, acr: person.acr, remember: false };
    return provider.interactionFinished(request, response, { login }, { mergeWithLastSubmission: false });
  }
  const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  grant.addOIDCClaims(["acr", "siret"]);
  const consent = { grantId: await grant.save() };
  return provider.interactionFinished(request, response, { consent }, { mergeWithLastSubmission: true });
}

server.on("request", async (request, response) => {
  try {
    if (request.url === "/become") {
      person = JSON.parse(await text(request));
      response.end("{}");
    } else if (request.url.startsWith("/interaction/")) {
      await interact(request, response);
    } else {
      handle(request, response);
    }
  } catch (error) {
    response.writeHead(500).end(String(error));
  }
});
console.log(issuer);
