import { EmptyState } from '../components/empty-state.tsx';

export function NotFoundPage() {
  return (
    <EmptyState title="There is nothing here">
      The address may be mistyped. <a href="/">Live</a> shows who is connected now.
    </EmptyState>
  );
}
