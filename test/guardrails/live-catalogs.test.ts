/**
 * The reviewed lists against PostgreSQL 13-18 themselves: nothing that nobody has reviewed, nothing freer than PostgreSQL
 * has it, nothing that no version has.
 */
import test from 'ava';
import { everyExtensionIsReviewed, listedExtensions, presentExtensions } from './live/extensions.ts';
import {
  everyFunctionHasAClass,
  everyTakerOfRowsIsListed,
  listedFunctions,
  nothingImplicitDoesMore,
  openViewsCallHarmlessFunctions,
  presentFunctions,
} from './live/functions.ts';
import { unreviewedOverloads } from './live/overloads.ts';
import {
  everyRelationHasAClass,
  listedColumns,
  listedRelations,
  openColumnsOfSecretRelations,
  presentColumns,
  presentRelations,
} from './live/relations.ts';
import { foundNowhere, type LiveCheck, liveServer, SUPPORTED, stopLiveServers } from './live/server.ts';
import {
  everySettingHasAClass,
  listedSettings,
  pinnedSpellingsChangeNothing,
  presentSettings,
} from './live/settings.ts';

const CHECKS: Readonly<Record<string, LiveCheck>> = {
  'every built-in function has a class, soundly': everyFunctionHasAClass,
  'every built-in function that takes a row by itself is known to': everyTakerOfRowsIsListed,
  'operators, casts, aggregates, indexes and types call nothing that does more': nothingImplicitDoesMore,
  'open system views call harmless functions': openViewsCallHarmlessFunctions,
  'every system relation has a class, soundly': everyRelationHasAClass,
  'what is open of a secret relation has been looked at': openColumnsOfSecretRelations,
  'every setting has a class, soundly': everySettingHasAClass,
  'a spelling that counts as the pinned value changes nothing': pinnedSpellingsChangeNothing,
  'every extension has been looked at': everyExtensionIsReviewed,
};

for (const version of SUPPORTED) {
  for (const [title, check] of Object.entries(CHECKS)) {
    test.serial(`PostgreSQL ${version}: ${title}`, async (t) => check(t, await liveServer(version), version));
  }
}

const LISTS = {
  functions: [listedFunctions, presentFunctions],
  'system relations': [listedRelations, presentRelations],
  'secret columns': [listedColumns, presentColumns],
  settings: [listedSettings, presentSettings],
  extensions: [listedExtensions, presentExtensions],
} as const;

for (const [title, [listed, present]] of Object.entries(LISTS)) {
  test.serial(`${title}: every name on the lists is one of PostgreSQL's`, async (t) => {
    t.deepEqual(await foundNowhere(listed, present), []);
  });
}

test.serial('every overload that a version has added to a harmless name has been looked at', async (t) => {
  t.deepEqual(await unreviewedOverloads(), []);
});

test.after.always(stopLiveServers);
