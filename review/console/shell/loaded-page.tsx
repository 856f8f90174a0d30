/** Pages are loaded when they are visited. */
import type { AnyComponent } from 'preact';
import lazy from 'preact-iso/lazy';
import { unreachable } from '../api/problem.ts';
import { ProblemNotice } from '../components/problem-notice.tsx';
import { lookBuild, outdated } from '../state/build.ts';

export const loadedPage = (load: () => Promise<AnyComponent>): AnyComponent =>
  lazy(async () => await load().catch(loadAnew));

/** The server has no such file any more, or can't be reached. What somebody is typing is on another page, and left by now. */
async function loadAnew(): Promise<AnyComponent> {
  await lookBuild();
  if (outdated.peek()) location.reload();
  return NotLoaded;
}

const NotLoaded = () => <ProblemNotice problem={unreachable()} retry={() => location.reload()} />;
