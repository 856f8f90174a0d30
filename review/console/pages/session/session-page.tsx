import { PageHeader } from '../../components/page-header.tsx';

export function SessionPage() {
  return <PageHeader title="Session" />;
}
