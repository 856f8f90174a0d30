import { useEffect, useState } from 'preact/hooks';
import { LocationProvider } from 'preact-iso/router';
import { type Problem, problemOf } from './api/problem.ts';
import { ProblemNotice } from './components/problem-notice.tsx';
import { BootstrapPage } from './pages/sign-in/bootstrap-page.tsx';
import { SignInPage } from './pages/sign-in/sign-in-page.tsx';
import { Shell } from './shell/shell.tsx';
import { lookWho, who } from './state/who.ts';

/** Whoever is not logged in sees the way in, at whatever address they came to, and is there afterwards. */
export function App() {
  const [problem, setProblem] = useState<Problem | null>(null);
  const look = (): void => {
    setProblem(null);
    lookWho().catch((fault: unknown) => setProblem(problemOf(fault)));
  };
  useEffect(look, []);
  if (problem !== null)
    return (
      <main class="alone">
        <ProblemNotice problem={problem} retry={look} />
      </main>
    );
  switch (who.value.kind) {
    case 'unknown':
      return null;
    case 'nobody':
      return location.pathname === '/bootstrap' ? (
        <BootstrapPage />
      ) : (
        <SignInPage expired={who.value.expired} />
      );
    case 'known':
      return (
        <LocationProvider>
          <Shell me={who.value.me} />
        </LocationProvider>
      );
    default:
      return who.value satisfies never;
  }
}
