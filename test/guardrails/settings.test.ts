import test from 'ava';
import { isHiddenSetting, isPinnedValue, settingClass, settingLists } from '../../guardrails/settings.ts';
import { SPELLINGS } from './live/settings.ts';
import { repeated } from './servers.ts';

test('only spellings of the pinned value are accepted', (t) => {
  const accepted = Object.entries(SPELLINGS).map(([name, all]) =>
    all.filter((value) => isPinnedValue(name, value)),
  );
  t.deepEqual(accepted, [
    ['on', 'ON', 'tru', 'yes', 'y', '1'],
    ['off', 'of', 'F', 'no', '0'],
    ['UTF8', 'utf-8', 'Unicode', 'utf_8'],
    ['safe_encoding', 'SAFE_ENCODING'],
    ['none'],
  ]);
});

test('no setting stands on two lists', (t) => {
  t.deepEqual(repeated(settingLists()), []);
});

test('names in any case; what nobody has reviewed, and custom settings, are not free', (t) => {
  t.is(settingClass('Standard_Conforming_Strings'), 'pinned');
  t.is(settingClass('SEARCH_PATH'), 'names');
  t.is(settingClass('TimeZone'), 'session');
  t.is(settingClass('statement_timeout'), 'session');
  t.is(settingClass('row_security'), 'session');
  t.is(settingClass('session_replication_role'), 'server');
  t.is(settingClass('app.tenant'), 'server');
  t.is(settingClass('plpgsql.variable_conflict'), 'server');
  t.is(settingClass('hnsw.ef_search'), 'session');
  t.is(settingClass('hnsw.ef_search.more'), 'server');
  t.is(settingClass('no_such_setting'), 'server');
  t.is(settingClass('__proto__'), 'server');
  t.true(isHiddenSetting('Primary_ConnInfo'));
});
