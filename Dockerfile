# syntax=docker/dockerfile:1

FROM node:24-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Node.js is in the image: neither the npm package that brings one nor any other install script is needed,
# and the embedded PostgreSQL is for the demo only.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

FROM dependencies AS console
RUN npm ci --omit=optional --ignore-scripts --no-audit --no-fund
COPY scripts ./scripts
COPY review ./review
RUN node -e "import('./scripts/build-console.mjs').then(({ buildConsole }) => buildConsole())"

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json LICENSE ./
COPY bin ./bin
COPY proxy ./proxy
COPY guardrails ./guardrails
COPY access ./access
COPY audit ./audit
COPY classifier ./classifier
COPY server ./server
COPY cli ./cli
COPY --from=console /app/dist ./dist
# The audit spool: mount a volume here.
RUN install -d -o node -g node -m 0700 /var/lib/postern/audit
VOLUME /var/lib/postern
# Compiled modules, made here and for good: without a configuration it ends when it has loaded them.
RUN bin/postern serve --config none 2> /dev/null || [ -d node_modules/.cache/postern ]
USER node
EXPOSE 6432 9432
# Ready means: Redis answers, the spool can be written.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:9432/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["bin/postern"]
CMD ["serve", "--config", "/etc/postern/postern.yaml"]
