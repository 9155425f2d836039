// What operators ask: is it alive, and how much does it do?
'use strict';

/**
 * @param {object} app fastify
 * @param {import('./service.js').Service} service
 */
function operationsRoutes(app, service) {
  app.get('/healthz', async (request, reply) => {
    if (service.draining) return reply.code(503).send({ status: 'draining' });
    return { status: 'ok' };
  });
  app.get('/metrics', async (request, reply) => {
    reply.type('text/plain; version=0.0.4; charset=utf-8');
    return service.metrics.text();
  });
}

module.exports = { operationsRoutes };
