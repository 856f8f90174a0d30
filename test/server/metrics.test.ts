import test from 'ava';
import { ProxyMetrics } from '../../server/metrics.ts';

test('what is counted is what is read, also when it is read twice', async (t) => {
  const metrics = new ProxyMetrics();
  metrics.sessionOpened();
  metrics.statement('allow', 'query');
  metrics.statement('allow', 'query');
  metrics.statement('deny', 'execute');
  metrics.delivered(3, 120);
  metrics.cut('rows');
  metrics.loginRefused('expired');
  metrics.sessionClosed('client');
  metrics.watchSpool(() => ({ events: 7, bytes: 9, commits: 2, failures: 1, droppedBytes: 0, segment: 1 }));
  for (let reading = 0; reading < 2; reading++) {
    const text = await metrics.registry.metrics();
    for (const line of [
      'postern_sessions 0',
      'postern_statements_total{decision="allow",via="query"} 2',
      'postern_statements_total{decision="deny",via="execute"} 1',
      'postern_rows_total 3',
      'postern_result_bytes_total 120',
      'postern_results_cut_total{budget="rows"} 1',
      'postern_logins_refused_total{cause="expired"} 1',
      'postern_sessions_ended_total{reason="client"} 1',
      'postern_audit_spool_events_total 7',
      'postern_audit_spool_failures_total 1',
    ]) {
      t.true(text.split('\n').includes(line), line);
    }
  }
});
