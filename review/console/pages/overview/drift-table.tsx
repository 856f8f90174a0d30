import type { Overview } from '../../api/answers.ts';
import { TimeAgo } from '../../components/time.tsx';
import { Untrusted } from '../../components/untrusted.tsx';

/** Population stability: below it is little, and from the second on so much that a model should be trained anew. */
const [NOTABLE, MUCH] = [0.1, 0.25];
const MOST = 8;

/** How far statements have moved from what the model was trained on. */
export function DriftTable({ drift }: { readonly drift: Overview['drift'] }) {
  return (
    <figure class="chart">
      <figcaption>
        <h2>Drift</h2>
        {drift && (
          <span class="second">
            model {drift.model.slice(0, 12)}, <TimeAgo at={drift.at} />
          </span>
        )}
      </figcaption>
      {drift === null ? (
        <p class="chart-empty">
          Statements are much like those that the model was trained on, or too few to tell (from a thousand
          forms on).
        </p>
      ) : (
        <table class="drift">
          <thead>
            <tr>
              <th scope="col">Feature</th>
              <th scope="col">Stability index</th>
              <th scope="col">What it means</th>
            </tr>
          </thead>
          <tbody>
            {drift.drifts.slice(0, MOST).map(({ name, index }) => (
              <tr key={name}>
                <th scope="row">
                  <Untrusted text={name} most={80} />
                </th>
                <td class="number">{index.toFixed(2)}</td>
                <td>{index >= MUCH ? 'moved far: train anew' : index >= NOTABLE ? 'has moved' : 'little'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </figure>
  );
}
