/** Whether the trail is whole, and where it is kept. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Answers } from '../../api/answers.ts';
import { post } from '../../api/client.ts';
import { type Problem, problemOf } from '../../api/problem.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { Icon } from '../../components/icon.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { TimeAgo } from '../../components/time.tsx';
import { Untrusted } from '../../components/untrusted.tsx';
import { byteSize, whole } from '../../text/quantities.ts';
import { Verification } from './verification.tsx';

type State = Answers['getTrail'];

/** ms between looks at a check that runs. */
const LOOK = 500;

export function WholeView() {
  const { answer, problem, again } = useAnswer<State>('/v1/trail');
  const refused = useSignal<Problem | null>(null);
  const running = answer?.verification.kind === 'running';
  useEffect(() => {
    const timer = running ? setTimeout(again, LOOK) : undefined;
    return () => clearTimeout(timer);
  }, [answer]);
  const verify = async (): Promise<void> => {
    refused.value = null;
    await post('/v1/trail/verify').catch((fault: unknown) => {
      refused.value = problemOf(fault);
    });
    again();
  };
  return (
    <div class="trail-whole">
      {problem && <ProblemNotice problem={problem} retry={again} />}
      {refused.value && <ProblemNotice problem={refused.value} />}
      {answer === null ? (
        <p class="loading">Looking where the trail is …</p>
      ) : (
        <>
          <div class="sections">
            <Spool state={answer} />
            <Store store={answer.store} />
          </div>
          <Verification verification={answer.verification} verify={() => void verify()} />
        </>
      )}
    </div>
  );
}

function Spool({ state: { node, spool, knownSince } }: { readonly state: State }) {
  return (
    <section class="section card">
      <h3>
        The spool of <Untrusted text={node} />
      </h3>
      <p class={spool.writable ? 'good-line' : 'mark-bad'}>
        <Icon name={spool.writable ? 'allow' : 'warning'} />{' '}
        {spool.writable ? 'Can be written' : 'Can not be written: statements are refused'}
      </p>
      <p class="second">
        {byteSize(spool.bytes)} in {whole(spool.streams.length)}{' '}
        {spool.streams.length === 1 ? 'stream' : 'streams'}, one of each process.
      </p>
      {knownSince !== null && (
        <p class="second">
          It is long: sessions, flags and counts are shown from <TimeAgo at={knownSince} /> on. Searching and
          taking along reach all of it.
        </p>
      )}
    </section>
  );
}

function Store({ store }: { readonly store: State['store'] }) {
  if (store === null)
    return (
      <section class="section card">
        <h3>The store</h3>
        <p class="second">
          There is none: the spool is all there is. <code>audit.store</code> in the configuration names a
          PostgreSQL that all nodes ship their trail to.
        </p>
      </section>
    );
  return (
    <section class="section card">
      <h3>The store</h3>
      <p class={store.reachable ? 'good-line' : 'mark-bad'}>
        <Icon name={store.reachable ? 'allow' : 'warning'} />{' '}
        {store.reachable ? 'Answers' : 'Can not be reached; nothing is lost, the spool keeps it'}
      </p>
      {store.fault !== null && (
        <p>
          <Untrusted text={store.fault} />
        </p>
      )}
      <p class="second">
        {store.behind === 0
          ? 'It has all of this node.'
          : `${whole(store.behind)} events are still to be shipped.`}
      </p>
    </section>
  );
}
