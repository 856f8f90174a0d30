import { PageHeader } from '../../components/page-header.tsx';

export function SessionsPage() {
  return <PageHeader title="Sessions" />;
}
