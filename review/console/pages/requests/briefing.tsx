import type { AccessRequest, Answers } from '../../api/answers.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { Icon } from '../../components/icon.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { TimeAgo } from '../../components/time.tsx';
import { Untrusted } from '../../components/untrusted.tsx';
import { short } from '../../text/quantities.ts';
import { visible } from '../../text/visible.ts';
import { RequestMark } from './request-mark.tsx';

type Found = Answers['getBriefing'];
type Reached = NonNullable<Found['reach']>[number];

/** Relations that are told at first. */
const TOLD = 8;

/** What it comes to in the database, what is asked beyond the need, and how similar ones went. */
export function Briefing({ request }: { readonly request: AccessRequest }) {
  const { answer, problem, again } = useAnswer<Found>(`/v1/requests/${request.id}/briefing`);
  if (problem) return <ProblemNotice problem={problem} retry={again} />;
  if (answer === null) return <p class="loading">Looking what it would touch …</p>;
  return (
    <>
      <Reach reach={answer.reach} />
      <BeyondNeed beyond={answer.beyondNeed} />
      <Similar similar={answer.similar} />
    </>
  );
}

function Reach({ reach }: { readonly reach: Found['reach'] }) {
  if (reach === null)
    return (
      <Section title="What it would touch">
        <p class="second">The database can't be asked now.</p>
      </Section>
    );
  const rest = reach.slice(TOLD);
  return (
    <Section title="What it would touch">
      {reach.length === 0 && <p class="second">No relation that is there now.</p>}
      {reach.length > 0 && <ReachTable reach={reach.slice(0, TOLD)} />}
      {rest.length > 0 && (
        <details>
          <summary>{rest.length} more</summary>
          <ReachTable reach={rest} />
        </details>
      )}
    </Section>
  );
}

function ReachTable({ reach }: { readonly reach: readonly Reached[] }) {
  return (
    <table class="table">
      <thead>
        <tr>
          <th scope="col">Relation</th>
          <th scope="col">Actions</th>
          <th scope="col" class="right">
            Rows, about
          </th>
          <th scope="col">Data</th>
        </tr>
      </thead>
      <tbody>
        {reach.map(({ schema, name, actions, rows, classes }) => (
          <tr key={`${schema}.${name}`}>
            <td>
              <code>
                <Untrusted text={`${schema}.${name}`} most={130} />
              </code>
            </td>
            <td>{actions.join(', ')}</td>
            <td class="right number">{rows === null ? '–' : short(rows)}</td>
            <td>
              {classes.map(({ name: data, columns }) => (
                <span key={data} class="mark-warning" title={visible(columns.join(', '))}>
                  <Icon name="warning" /> {data}
                </span>
              ))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function BeyondNeed({ beyond }: { readonly beyond: Found['beyondNeed'] }) {
  if (beyond === null || beyond.length === 0) return null;
  return (
    <Section title="Asked beyond what the reason needs">
      <p class="patterns">
        {beyond.map((text) => (
          <code key={text} class="pattern" data-excluded>
            <Untrusted text={text} />
          </code>
        ))}
      </p>
    </Section>
  );
}

function Similar({ similar }: { readonly similar: Found['similar'] }) {
  if (similar.length === 0) return null;
  return (
    <Section title="How similar ones went">
      <ul class="similar">
        {similar.map(({ request, own, course }) => (
          <li key={request.id}>
            <RequestMark request={request} />
            <a class="clip" href={`/requests?view=history&id=${request.id}`}>
              <Untrusted text={request.reason} most={120} />
            </a>
            <span class="second">
              {own ? 'theirs' : <Untrusted text={request.principal.id} most={40} />},{' '}
              <TimeAgo at={request.askedAt} />
              {course && `; ${courseInWords(course)}`}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

type Course = NonNullable<Found['similar'][number]['course']>;

function courseInWords({ statements, denied, alarms, ended }: Course): string {
  const counted = `${statements} statements, ${denied} denied, ${alarms} ${alarms === 1 ? 'alarm' : 'alarms'}`;
  return ended === null ? counted : `${counted}, ${ended}`;
}

function Section({
  title,
  children,
}: {
  readonly title: string;
  readonly children: preact.ComponentChildren;
}) {
  return (
    <section class="section">
      <h3>{title}</h3>
      {children}
    </section>
  );
}
