# The server alone; compose.yaml puts a PostgreSQL beside it. Build: docker build -t rankloop .
FROM node:24-slim AS build
WORKDIR /rankloop
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
# What is left has no tools to build with, and no embedded PostgreSQL.
RUN node scripts/build.js server dashboard client && npm prune --omit=dev --omit=optional

FROM node:24-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4000 RANKLOOP_MODELS_DIR=/var/lib/rankloop/models
WORKDIR /rankloop
COPY --from=build /rankloop/package.json ./
COPY --from=build /rankloop/node_modules ./node_modules
COPY --from=build /rankloop/prisma/migrations ./prisma/migrations
COPY --from=build /rankloop/src/schema ./src/schema
COPY --from=build /rankloop/dist ./dist
RUN mkdir -p "$RANKLOOP_MODELS_DIR" && chown node "$RANKLOOP_MODELS_DIR"
USER node
VOLUME /var/lib/rankloop/models
EXPOSE 4000
HEALTHCHECK --interval=10s --start-period=30s CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/readyz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/src/main.js"]
